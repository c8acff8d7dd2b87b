//! **Prose** is what stands around a table. It is broken at spaces, so that it fits.

/// How wide prose is where no terminal says it.
const WIDTH: usize = 80;

/// Prose as wide as a terminal, if there is one. What continues a line is indented as it, and by two more. A word that is too long stays
/// whole.
pub fn prose(width: Option<u16>, text: &str) -> String {
    let width = width.map_or(WIDTH, usize::from);
    text.lines().map(|line| broken(width, line)).collect::<Vec<_>>().join("\n")
}

fn broken(width: usize, line: &str) -> String {
    if line.chars().count() <= width {
        return line.to_owned();
    }
    let text = line.trim_start();
    let indent = &line[..line.len() - text.len()];
    let mut lines = vec![indent.to_owned()];
    let mut room = width.saturating_sub(indent.len());
    for word in text.split(' ') {
        let length = word.chars().count();
        let begun = lines.last().is_some_and(|line| !line.trim().is_empty());
        if begun && length + 1 > room {
            lines.push(format!("{indent}  {word}"));
            room = width.saturating_sub(indent.len() + 2 + length);
        } else if let Some(last) = lines.last_mut() {
            if begun {
                last.push(' ');
            }
            last.push_str(word);
            room = room.saturating_sub(length + usize::from(begun));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_spaces() {
        assert_eq!(prose(Some(10), "short"), "short");
        assert_eq!(prose(Some(10), "one two three four"), "one two\n  three\n  four");
        assert_eq!(prose(Some(10), "  a longwordthatstays b"), "  a\n    longwordthatstays\n    b");
        let text =
            "  some words that go on and on until there are too many of them for one line of a terminal";
        for width in 12..60_u16 {
            assert!(
                prose(Some(width), text).lines().all(|line| line.chars().count() <= usize::from(width)),
                "{width}"
            );
            let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert_eq!(words(&prose(Some(width), text)), words(text));
        }
    }
}
