//! A **dataset** is prompts that people wrote, with the answers they got: single ones, or the turns of conversations.
//!
//! Two formats are read, told apart by their first character:
//!
//! | format | content |
//! |---|---|
//! | JSON lines | objects with `prompt` and, if it is known, `output_tokens`: conversations of one turn |
//! | ShareGPT | a JSON array of `conversations`, each a list of `from` and `value`; a turn is what the human said and got an answer to, from the first on |

use std::num::NonZeroU32;

use serde::Deserialize;

/// Bytes of a text for each of its tokens: about what tokenizers make of English.
pub const BYTES_PER_TOKEN: usize = 4;

/// A prompt of a dataset: a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its text.
    pub prompt: String,
    /// Tokens of its answer. None when the dataset does not tell; of a text, at four bytes a token.
    pub output_tokens: Option<NonZeroU32>,
}

/// Why a dataset cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum DatasetError {
    /// What a line says.
    #[error("line {line}: {what}")]
    Bad {
        /// From 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// There is no prompt in it.
    #[error("the dataset holds no prompt")]
    Empty,
}

#[derive(Deserialize)]
struct Line {
    prompt: String,
    #[serde(default)]
    output_tokens: Option<NonZeroU32>,
}

#[derive(Deserialize)]
struct Shared {
    #[serde(default)]
    conversations: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    from: String,
    value: String,
}

/// Reads the conversations of a dataset: of each one turn at least, and the first `most_turns` at most.
///
/// # Errors
/// When it is not of a known format, naming the line; when there is no prompt in it.
pub fn read(text: &str, most_turns: usize) -> Result<Vec<Vec<Entry>>, DatasetError> {
    let text = text.trim_start_matches('\u{feff}');
    let mut conversations = if text.trim_start().starts_with('[') {
        share_gpt(text, most_turns)?
    } else {
        json_lines(text)?.into_iter().map(|entry| vec![entry]).collect()
    };
    conversations.retain(|turns| !turns.is_empty());
    if conversations.is_empty() { Err(DatasetError::Empty) } else { Ok(conversations) }
}

fn json_lines(text: &str) -> Result<Vec<Entry>, DatasetError> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let entry = |(line, text): (usize, &str)| {
        let Line { prompt, output_tokens } = serde_json::from_str(text).map_err(|error| bad(line, &error))?;
        Ok(Entry { prompt, output_tokens })
    };
    let with_text = |entry: &Result<Entry, _>| !entry.as_ref().is_ok_and(|e: &Entry| e.prompt.is_empty());
    lines.map(entry).filter(with_text).collect()
}

fn share_gpt(text: &str, most_turns: usize) -> Result<Vec<Vec<Entry>>, DatasetError> {
    let shared: Vec<Shared> = serde_json::from_str(text).map_err(|error| bad(error.line(), &error))?;
    let turns = |shared: Shared| {
        let mut said = shared.conversations.into_iter().skip_while(|said| !is_human(&said.from));
        // Ends where somebody speaks twice, or says nothing.
        std::iter::from_fn(|| turn(&mut said)).take(most_turns).collect()
    };
    Ok(shared.into_iter().map(turns).collect())
}

/// What a human said next, and got an answer to.
fn turn(said: &mut impl Iterator<Item = Message>) -> Option<Entry> {
    let mut said_by =
        |human| said.next().filter(|said| is_human(&said.from) == human && !said.value.is_empty());
    let (prompt, answer) = (said_by(true)?.value, said_by(false)?.value);
    let tokens = u32::try_from(answer.len().div_ceil(BYTES_PER_TOKEN)).ok()?;
    Some(Entry { prompt, output_tokens: NonZeroU32::new(tokens) })
}

fn is_human(from: &str) -> bool {
    matches!(from, "human" | "user")
}

fn bad(line: usize, error: &serde_json::Error) -> DatasetError {
    DatasetError::Bad { line, what: crate::told(error) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(prompt: &str, tokens: u32) -> Entry {
        Entry { prompt: prompt.to_owned(), output_tokens: NonZeroU32::new(tokens) }
    }

    #[test]
    fn both_formats_are_read() {
        let lines = "{\"prompt\": \"a b\", \"output_tokens\": 7}\n\n{\"prompt\": \"c\", \"id\": 1}\n";
        assert_eq!(read(lines, 9).unwrap(), [[entry("a b", 7)], [entry("c", 0)]]);
        let shared = r#"[
            {"id": "1", "conversations": [{"from": "human", "value": "hi"}, {"from": "gpt", "value": "12345"}]},
            {"id": "2", "conversations": [{"from": "gpt", "value": "x"}]},
            {"id": "3"},
            {"conversations": [{"from": "system", "value": "s"}, {"from": "user", "value": "q"},
                               {"from": "assistant", "value": "a"}, {"from": "user", "value": "r"}]}]"#;
        assert_eq!(read(shared, 9).unwrap(), [[entry("hi", 2)], [entry("q", 1)]]);
    }

    #[test]
    fn turns_follow_each_other_until_an_answer_is_missing() {
        let said = |from: &str, value: &str| format!(r#"{{"from": "{from}", "value": "{value}"}}"#);
        let (a, b, c) = (said("human", "a"), said("gpt", "12345678"), said("human", "c"));
        let text = |said: &[&String]| {
            let said: Vec<&str> = said.iter().map(|said| said.as_str()).collect();
            format!(r#"[{{"conversations": [{}]}}]"#, said.join(","))
        };
        let turns = |said: &[&String], most| read(&text(said), most).unwrap().remove(0);
        assert_eq!(turns(&[&b, &a, &b, &c, &b, &a], 9), [entry("a", 2), entry("c", 2)]);
        assert_eq!(turns(&[&a, &b, &c, &b], 1), [entry("a", 2)]);
        assert_eq!(turns(&[&a, &b, &c, &c, &b], 9), [entry("a", 2)]);
        assert_eq!(turns(&[&a, &b, &said("human", ""), &b], 9), [entry("a", 2)]);
    }

    #[test]
    fn what_cannot_be_read_names_the_line() {
        let told = |text| read(text, 1).unwrap_err().to_string();
        assert!(told("{\"prompt\": \"a\"}\n{\"text\": \"b\"}").starts_with("line 2: missing field `prompt`"));
        assert!(told("[\n{\"conversations\": 3}]").starts_with("line 2: invalid type"));
        assert_eq!(read("", 1), Err(DatasetError::Empty));
        assert_eq!(read("{\"prompt\": \"\"}", 1), Err(DatasetError::Empty));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}") {
            let _ = read(&text, 2);
        }
    }
}
