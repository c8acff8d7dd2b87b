//! A **token** of the simulated engine is a word between white space.

use rand::Rng;

/// Tokens that the template of a chat adds to its messages.
pub const CHAT_TEMPLATE_TOKENS: u32 = 8;

/// Words of the answers.
const WORDS: [&str; 16] = [
    "amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heron", "islet", "jetty", "knoll",
    "larch", "maple", "north", "ocean", "plain",
];

/// Tokens of a text.
#[must_use]
pub fn count(text: &str) -> u32 {
    u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX)
}

/// The text of the next token of an answer.
pub fn draw(rng: &mut impl Rng) -> &'static str {
    WORDS[rng.random_range(0..WORDS.len())]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_token_is_a_word() {
        assert_eq!(super::count(" two \n words "), 2);
        assert_eq!(super::count(""), 0);
    }
}
