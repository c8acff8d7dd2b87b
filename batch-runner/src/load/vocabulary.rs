//! A **vocabulary** is the words that prompts are made of. The common one serves every model; the one that is
//! read from a model's own tokenizer has only words that are one token each, side by side as well as alone, so
//! that a prompt of so many words has exactly so many tokens and nothing is tokenised during a run.

use std::path::{Path, PathBuf};

use rand::Rng;
use tokenizers::Tokenizer;

/// Most words that are read from a tokenizer, and the fewest that make prompts different enough.
const MOST_WORDS: usize = 128;
const FEWEST_WORDS: usize = 16;
/// Shortest and longest word that is taken from a tokenizer, in letters.
const WORD_LENGTHS: std::ops::RangeInclusive<usize> = 2..=12;
/// The file that holds a model's tokenizer.
const TOKENIZER_FILE: &str = "tokenizer.json";

/// Common short words: most tokenizers know each as one token.
const COMMON: [&str; 128] = [
    "the", "and", "for", "with", "this", "that", "from", "have", "will", "your", "more", "about", "when",
    "there", "what", "some", "time", "very", "also", "just", "into", "over", "after", "think", "back",
    "year", "make", "work", "even", "good", "only", "other", "first", "last", "long", "great", "little",
    "own", "old", "right", "big", "high", "small", "large", "next", "early", "young", "few", "public", "bad",
    "same", "able", "world", "life", "hand", "part", "child", "eye", "woman", "place", "week", "case",
    "point", "home", "water", "room", "mother", "area", "money", "story", "fact", "month", "lot", "study",
    "book", "job", "word", "side", "kind", "head", "house", "friend", "father", "power", "hour", "game",
    "line", "end", "member", "law", "car", "city", "name", "team", "minute", "idea", "body", "back", "face",
    "level", "office", "door", "health", "person", "art", "war", "party", "result", "change", "morning",
    "reason", "girl", "guy", "moment", "air", "teacher", "force", "order", "run", "move", "like", "live",
    "hold", "bring", "write", "sit", "stand", "lose",
];

/// Why a tokenizer cannot make prompts.
#[derive(Debug, thiserror::Error)]
pub enum VocabularyError {
    /// It is not there, or not a tokenizer.
    #[error("{} is no tokenizer that can be read ({detail}): give a tokenizer.json or its folder", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        detail: String,
    },
    /// Its tokens are no words.
    #[error("the tokenizer {} has only {found} words of one token: leave it out, and the server counts", path.display())]
    FewWords {
        /// The file.
        path: PathBuf,
        /// Words that are one token.
        found: usize,
    },
}

/// The words that prompts are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    words: Vec<String>,
    /// The token of each word, when a tokenizer told.
    ids: Vec<u32>,
}

impl Vocabulary {
    /// Common words, whatever the model.
    #[must_use]
    pub fn common() -> Self {
        Self { words: COMMON.map(str::to_owned).to_vec(), ids: Vec::new() }
    }

    /// The words of a model's tokenizer: a `tokenizer.json`, or the folder that holds it.
    ///
    /// # Errors
    /// When there is none, or too few of its tokens are words.
    pub fn read(path: &Path) -> Result<Self, VocabularyError> {
        let file = if path.is_dir() { path.join(TOKENIZER_FILE) } else { path.to_owned() };
        let unreadable =
            |e: tokenizers::Error| VocabularyError::Unreadable { path: file.clone(), detail: e.to_string() };
        let mut tokenizer = Tokenizer::from_file(&file).map_err(unreadable)?;
        // What a model's folder says about batches does not concern prompts.
        tokenizer.with_truncation(None).map_err(unreadable)?.with_padding(None);
        let (words, ids) = words_of(&tokenizer).map_err(unreadable)?;
        if words.len() < FEWEST_WORDS {
            return Err(VocabularyError::FewWords { path: file, found: words.len() });
        }
        Ok(Self { words, ids })
    }

    /// Whether a word is known to be one token.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        !self.ids.is_empty()
    }

    /// The tokens of `count` words at random; none when no tokenizer told.
    #[must_use]
    pub fn tokens(&self, rng: &mut impl Rng, count: u32) -> Vec<u32> {
        if self.ids.is_empty() {
            return Vec::new();
        }
        (0..count).map(|_| self.ids[rng.random_range(0..self.ids.len())]).collect()
    }

    /// `count` words at random.
    #[must_use]
    pub fn text(&self, rng: &mut impl Rng, count: u32) -> String {
        let mut text = String::with_capacity(6 * count as usize);
        for n in 0..count {
            if n > 0 {
                text.push(' ');
            }
            text.push_str(&self.words[rng.random_range(0..self.words.len())]);
        }
        text
    }
}

/// Whether a folder holds a model's tokenizer.
pub(crate) fn holds_tokenizer(folder: &Path) -> bool {
    folder.join(TOKENIZER_FILE).is_file()
}

/// Words of which each is one token, next to any other as well, with their tokens.
fn words_of(tokenizer: &Tokenizer) -> tokenizers::Result<(Vec<String>, Vec<u32>)> {
    let mut vocabulary: Vec<(String, u32)> = tokenizer.get_vocab(false).into_iter().collect();
    vocabulary.sort_unstable_by_key(|(_, id)| *id);
    // Word marks of byte-level and of SentencePiece tokenizers.
    let own = vocabulary.iter().map(|(token, _)| token.trim_start_matches(['Ġ', '▁']));
    let mut words: Vec<String> = Vec::new();
    let mut ids: Vec<u32> = Vec::new();
    for word in COMMON.into_iter().chain(own) {
        if words.len() == MOST_WORDS {
            break;
        }
        let is_word =
            WORD_LENGTHS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_word || words.iter().any(|known| known == word) {
            continue;
        }
        // At the start of a text and after a space.
        if let [_, id] = encode(tokenizer, &format!("{word} {word}"))?[..] {
            words.push(word.to_owned());
            ids.push(id);
        }
    }
    keep_independent(tokenizer, words, ids)
}

/// Drops words that make another number of tokens next to some other.
fn keep_independent(
    tokenizer: &Tokenizer,
    mut words: Vec<String>,
    mut ids: Vec<u32>,
) -> tokenizers::Result<(Vec<String>, Vec<u32>)> {
    let order = every_pair(words.len());
    let text: Vec<&str> = order.iter().filter_map(|&n| words.get(n)).map(String::as_str).collect();
    let expected: Vec<u32> = order.iter().filter_map(|&n| ids.get(n)).copied().collect();
    let found = encode(tokenizer, &text.join(" "))?;
    // The first word has no space before it and so may be another token.
    if found.get(1..) != expected.get(1..) {
        let alone = |n: usize| {
            let beside = |m: usize| {
                let pair = [n, m, n].map(|at| words.get(at).map_or("", String::as_str)).join(" ");
                encode(tokenizer, &pair).is_ok_and(|tokens| tokens.get(1..) == Some(&[ids[m], ids[n]]))
            };
            (0..words.len()).all(beside)
        };
        let kept: Vec<usize> = (0..words.len()).filter(|&n| alone(n)).collect();
        words = kept.iter().map(|&n| words[n].clone()).collect();
        ids = kept.iter().map(|&n| ids[n]).collect();
    }
    Ok((words, ids))
}

/// Numbers below `count` in an order in which every one comes after every one once: a de Bruijn sequence.
fn every_pair(count: usize) -> Vec<usize> {
    let mut order = Vec::with_capacity(count * count + 1);
    for first in 0..count {
        order.push(first);
        for second in first + 1..count {
            order.extend([first, second]);
        }
    }
    order.extend((count > 0).then_some(0));
    order
}

fn encode(tokenizer: &Tokenizer, text: &str) -> tokenizers::Result<Vec<u32>> {
    Ok(tokenizer.encode_fast(text, false)?.get_ids().to_vec())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-tokenizer")
    }

    #[test]
    fn every_pair_is_there_once() {
        for count in [0_usize, 1, 2, 7] {
            let order = every_pair(count);
            let pairs: BTreeSet<(usize, usize)> = order.windows(2).map(|p| (p[0], p[1])).collect();
            assert_eq!(pairs.len(), count * count);
            assert_eq!(order.len(), if count == 0 { 0 } else { count * count + 1 });
        }
    }

    #[test]
    fn a_text_of_a_tokenizers_words_has_as_many_tokens_as_words() {
        let vocabulary = Vocabulary::read(&fixtures()).unwrap();
        assert!(vocabulary.is_exact() && !Vocabulary::common().is_exact());
        let mut tokenizer = Tokenizer::from_file(fixtures().join(TOKENIZER_FILE)).unwrap();
        tokenizer.with_truncation(None).unwrap();
        let mut rng = StdRng::seed_from_u64(1);
        for count in [1, 2, 3, 100, 5_000] {
            let text = vocabulary.text(&mut rng, count);
            assert_eq!(encode(&tokenizer, &text).unwrap().len(), count as usize, "{text}");
        }
        // Not every common word is one token there, or this would show nothing.
        let common = Vocabulary::common().text(&mut rng, 100);
        assert!(encode(&tokenizer, &common).unwrap().len() > 100);
    }

    #[test]
    fn what_is_no_tokenizer_is_told() {
        let error = Vocabulary::read(Path::new("/nowhere")).unwrap_err().to_string();
        assert!(error.starts_with("/nowhere is no tokenizer that can be read ("), "{error}");
    }
}
