//! A **face** is a font that ships with this program, and the widths of its letters.

use std::collections::HashMap;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use super::PdfError;
use super::mark::Weight;

const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.ttf");
const SEMI_BOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.ttf");

/// What is shown for a letter that the font lacks.
const MISSING: char = '\u{fffd}';

/// Both weights.
pub struct Faces {
    regular: Face,
    semi_bold: Face,
}

impl Faces {
    pub fn shipped() -> Result<Self, PdfError> {
        Ok(Self { regular: Face::read(REGULAR)?, semi_bold: Face::read(SEMI_BOLD)? })
    }

    pub const fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::SemiBold => &self.semi_bold,
        }
    }
}

/// One font.
pub struct Face {
    pub font: Font,
    /// Glyph and width, in parts of the size, of each letter.
    letters: HashMap<char, (u32, f32)>,
    missing: (u32, f32),
}

impl Face {
    fn read(bytes: &'static [u8]) -> Result<Self, PdfError> {
        let font = Font::new(bytes.into(), 0).ok_or(PdfError::Font)?;
        let read = FontRef::new(bytes).map_err(|_| PdfError::Font)?;
        let widths = read.glyph_metrics(Size::new(1.0), LocationRef::default());
        let letter = |glyph: skrifa::GlyphId| (glyph.to_u32(), widths.advance_width(glyph).unwrap_or(0.0));
        let letters: HashMap<char, (u32, f32)> = read
            .charmap()
            .mappings()
            .filter_map(|(code, glyph)| Some((char::from_u32(code)?, letter(glyph))))
            .collect();
        let missing = letters.get(&MISSING).copied().unwrap_or((0, 0.5));
        Ok(Self { font, letters, missing })
    }

    fn letter(&self, c: char) -> (u32, f32) {
        self.letters.get(&c).copied().unwrap_or(self.missing)
    }

    /// How wide a text is.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|c| self.letter(c).1).sum::<f32>() * size
    }

    /// The glyphs of a text.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| {
            let (id, width) = self.letter(c);
            KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// A text in lines of at most a width. A word that is longer is cut.
    pub fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split_whitespace() {
            let joined = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if self.width(&joined, size) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            for c in word.chars() {
                line.push(c);
                if self.width(&line, size) > width && line.chars().count() > 1 {
                    line.pop();
                    lines.push(std::mem::replace(&mut line, c.to_string()));
                }
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_their_width_and_lose_nothing() {
        let faces = Faces::shipped().unwrap();
        let face = faces.of(Weight::Regular);
        let text = "llama-3.1-8b-instruct fp16 on h100x1 with avery-long-word-that-fits-nowhere-at-all";
        let lines = face.lines(text, 10.0, 90.0);
        assert!(lines.len() > 3, "{lines:?}");
        for line in &lines {
            assert!(face.width(line, 10.0) <= 90.0, "{line}");
        }
        assert_eq!(lines.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(face.lines("", 10.0, 90.0), [""]);
    }

    #[test]
    fn a_letter_that_the_font_lacks_is_shown_as_missing() {
        let faces = Faces::shipped().unwrap();
        let face = faces.of(Weight::SemiBold);
        assert!(face.width("模", 10.0) > 0.0);
        assert_eq!(face.glyphs("a模").len(), 2);
        for needed in "0123456789.,%±≤≥×·–—…αµ€".chars() {
            assert!(face.letters.contains_key(&needed), "{needed}");
        }
    }
}
