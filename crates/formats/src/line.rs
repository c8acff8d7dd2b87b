//! The **line** of a value in a JSON text that was read already, by its path.

use crate::node::Step;

/// The line, from 1, where the value begins. None where the text has no such value, or is no JSON.
pub fn of(text: &str, path: &[Step]) -> Option<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.blanks();
    if !matches!(scan.peek(), Some(b'{' | b'[')) {
        return None;
    }
    for step in path {
        scan.enter(step)?;
    }
    Some(1 + scan.bytes[..scan.at].iter().filter(|byte| **byte == b'\n').count())
}

/// A place in a text that is known to be JSON.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Goes from where a value begins to where one in it does.
    fn enter(&mut self, step: &Step) -> Option<()> {
        let opening = self.peek()?;
        self.at += 1;
        for index in 0.. {
            self.blanks();
            let found = match (opening, step) {
                (b'[', Step::Index(wanted)) => index == *wanted,
                (b'{', Step::Key(wanted)) => {
                    let begin = self.at;
                    self.value()?;
                    let key: String = serde_json::from_slice(&self.bytes[begin..self.at]).ok()?;
                    self.blanks();
                    // The colon.
                    self.at += 1;
                    self.blanks();
                    key == *wanted
                }
                _ => return None,
            };
            if found {
                return self.peek().filter(|byte| !matches!(byte, b']' | b'}')).map(|_| ());
            }
            self.value()?;
            self.blanks();
            if self.peek()? != b',' {
                return None;
            }
            self.at += 1;
        }
        None
    }

    /// Goes past a value.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.text()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    // That of what is around the value.
                    let Some(less) = depth.checked_sub(1) else { return Some(()) };
                    depth = less;
                    self.at += 1;
                }
                b',' if depth == 0 => return Some(()),
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    /// Goes past a string.
    fn text(&mut self) -> Option<()> {
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_by_its_path() {
        let text =
            "{\"a\": [1, {\"x\\\"}\": \"],\"},\n  2.5],\n \"b\\u0041\": {\n  \"c\": null,\n \"d\": true}\n}";
        let (key, at) = (|key: &str| Step::Key(key.to_owned()), Step::Index);
        assert_eq!(of(text, &[]), Some(1));
        assert_eq!(of(text, &[key("a"), at(2)]), Some(2));
        assert_eq!(of(text, &[key("bA"), key("d")]), Some(5));
        for nowhere in
            [vec![key("z")], vec![key("a"), at(3)], vec![at(0)], vec![key("bA"), key("c"), key("x")]]
        {
            assert_eq!(of(text, &nowhere), None);
        }
        for other in ["", "a: 1", "[", "{\"a", "{\"a\"", "[1"] {
            assert_eq!(of(other, &[key("a")]), None, "{other}");
        }
    }
}
