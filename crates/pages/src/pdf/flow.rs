//! The **flow** puts the blocks of a page onto sheets, one below the other.

use plotters::prelude::IntoDrawingArea;

use super::PdfError;
use super::face::Faces;
use super::mark::{Ink, Mark, Weight};
use super::recorder::Recorder;
use crate::chart::SIZE;
use crate::{Block, Figure, Label, Page, Table, Tile};

/// A4, points.
pub const SHEET: (f32, f32) = (595.28, 841.89);
const MARGIN: f32 = 44.0;
/// Where blocks begin and end; above is the label, below the foot.
const TOP: f32 = 70.0;
const BOTTOM: f32 = SHEET.1 - 50.0;
const WIDTH: f32 = SHEET.0 - 2.0 * MARGIN;
/// Height of a line over its size.
const LEADING: f32 = 1.38;
/// How much of a line lies above its base line, over its size.
const ASCENT: f32 = 1.0;
const BODY: f32 = 9.0;
const SMALL: f32 = 7.8;
const CELL: f32 = 7.4;
/// Room at both sides of a cell.
const PAD: f32 = 3.5;
/// Least room of columns of words, and of a head that has several.
const LEAST_WORDS: f32 = 60.0;

/// A word that is not cut, points.
const LONGEST_WORD: f32 = 90.0;

/// The sheets of a page and its headings.
pub struct LaidOut {
    pub sheets: Vec<Vec<Mark>>,
    pub headings: Vec<Heading>,
}

/// Where a section begins.
pub struct Heading {
    pub text: String,
    pub sheet: usize,
    pub y: f32,
}

/// Puts a page onto sheets.
pub fn lay_out(page: &Page, faces: &Faces) -> Result<LaidOut, PdfError> {
    let mut flow = Flow { faces, sheets: vec![Vec::new()], headings: Vec::new(), y: TOP };
    flow.text(&page.title, 17.0, Weight::SemiBold, Ink::TEXT, 0.0);
    flow.y += 4.0;
    for block in &page.blocks {
        flow.block(block)?;
    }
    let count = flow.sheets.len();
    for (n, sheet) in flow.sheets.iter_mut().enumerate() {
        head(sheet, &page.label, faces);
        foot(sheet, page, (n + 1, count), faces);
    }
    Ok(LaidOut { sheets: flow.sheets, headings: flow.headings })
}

/// The label at the top of a sheet.
fn head(sheet: &mut Vec<Mark>, label: &Label, faces: &Faces) {
    let (back, ink) = if label.warns { (Ink::WARN, Ink::WARN_TEXT) } else { (Ink::CARD, Ink::TEXT) };
    sheet.push(Mark::rectangle(MARGIN, 26.0, SHEET.0 - MARGIN, 52.0, back));
    let word = faces.of(Weight::SemiBold);
    let words = |at, size, weight, text: &str| Mark::Words { at, size, weight, ink, text: text.to_owned() };
    sheet.push(words((MARGIN + 8.0, 43.5), 13.0, Weight::SemiBold, &label.word));
    let beside = MARGIN + 8.0 + word.width(&label.word, 13.0) + 10.0;
    let lines = faces.of(Weight::Regular).lines(&label.meaning, 7.6, SHEET.0 - MARGIN - 8.0 - beside);
    let first = if lines.len() > 1 { 37.2 } else { 41.8 };
    for (line, y) in lines.iter().take(2).zip([first, first + 9.4]) {
        sheet.push(words((beside, y), 7.6, Weight::Regular, line));
    }
}

fn foot(sheet: &mut Vec<Mark>, page: &Page, (number, count): (usize, usize), faces: &Faces) {
    let y = SHEET.1 - 28.0;
    let words = |x, text: String| Mark::Words {
        at: (x, y),
        size: 7.2,
        weight: Weight::Regular,
        ink: Ink::SOFT,
        text,
    };
    let number = format!("{number} of {count}");
    let right = SHEET.0 - MARGIN - faces.of(Weight::Regular).width(&number, 7.2);
    sheet.push(words(
        MARGIN,
        format!("Assay {} · {} · {}", page.kind, page.title, page.label.word.to_lowercase()),
    ));
    sheet.push(words(right, number));
}

struct Flow<'a> {
    faces: &'a Faces,
    sheets: Vec<Vec<Mark>>,
    headings: Vec<Heading>,
    y: f32,
}

impl Flow<'_> {
    fn draw(&mut self, mark: Mark) {
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.push(mark);
        }
    }

    /// Begins another sheet unless there is so much room on this one.
    fn need(&mut self, height: f32) -> bool {
        let turns = self.y + height > BOTTOM && self.y > TOP;
        if turns {
            self.sheets.push(Vec::new());
            self.y = TOP;
        }
        turns
    }

    fn words(&mut self, at: (f32, f32), size: f32, weight: Weight, ink: Ink, text: String) {
        self.draw(Mark::Words { at, size, weight, ink, text });
    }

    fn text(&mut self, text: &str, size: f32, weight: Weight, ink: Ink, indent: f32) {
        for line in self.faces.of(weight).lines(text, size, WIDTH - indent) {
            self.need(size * LEADING);
            self.words((MARGIN + indent, self.y + size * ASCENT), size, weight, ink, line);
            self.y += size * LEADING;
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), PdfError> {
        match block {
            Block::Section(text) => {
                self.need(90.0);
                self.y += if self.y > TOP { 14.0 } else { 0.0 };
                self.headings.push(Heading { text: text.clone(), sheet: self.sheets.len() - 1, y: self.y });
                self.text(text, 12.5, Weight::SemiBold, Ink::TEXT, 0.0);
                self.y += 3.0;
            }
            Block::Part(text) => {
                self.need(60.0);
                self.y += 7.0;
                self.text(text, 10.0, Weight::SemiBold, Ink::TEXT, 0.0);
                self.y += 1.5;
            }
            Block::Text(text) => {
                self.text(text, BODY, Weight::Regular, Ink::TEXT, 0.0);
                self.y += 3.0;
            }
            Block::Small(text) => {
                self.text(text, SMALL, Weight::Regular, Ink::SOFT, 0.0);
                self.y += 3.0;
            }
            Block::List(items) => {
                for item in items {
                    self.need(BODY * LEADING);
                    let y = self.y + BODY * ASCENT;
                    self.words((MARGIN + 3.0, y), BODY, Weight::Regular, Ink::SOFT, "•".to_owned());
                    self.text(item, BODY, Weight::Regular, Ink::TEXT, 13.0);
                    self.y += 1.0;
                }
                self.y += 3.0;
            }
            Block::Facts(facts) => self.facts(facts),
            Block::Tiles(tiles) => self.tiles(tiles),
            Block::Table(table) => self.table(table),
            Block::Figures(figures) => self.figures(figures)?,
        }
        Ok(())
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let regular = self.faces.of(Weight::Regular);
        let name_width = facts.iter().map(|(name, _)| regular.width(name, BODY)).fold(0.0, f32::max) + 12.0;
        for (name, value) in facts {
            self.need(BODY * LEADING);
            let y = self.y + BODY * ASCENT;
            self.words((MARGIN, y), BODY, Weight::Regular, Ink::SOFT, name.clone());
            self.text(value, BODY, Weight::Regular, Ink::TEXT, name_width);
            self.y += 1.0;
        }
        self.y += 4.0;
    }

    fn tiles(&mut self, tiles: &[Tile]) {
        const GAP: f32 = 8.0;
        const HEIGHT: f32 = 46.0;
        for row in tiles.chunks(4) {
            self.need(HEIGHT + GAP);
            let width = (WIDTH - 3.0 * GAP) / 4.0;
            let mut left = MARGIN;
            for tile in row {
                let top = self.y;
                self.draw(Mark::rectangle(left, top, left + width, top + HEIGHT, Ink::CARD));
                let x = left + 7.0;
                self.words((x, top + 11.5), 7.4, Weight::Regular, Ink::SOFT, tile.name.clone());
                let face = self.faces.of(Weight::SemiBold);
                // A long value is smaller, so that it stays in its tile.
                let size = (14.0 * (width - 14.0) / face.width(&tile.value, 14.0)).min(14.0);
                self.words((x, top + 27.5), size, Weight::SemiBold, Ink::TEXT, tile.value.clone());
                let more = self.faces.of(Weight::Regular).lines(&tile.more, 6.8, width - 14.0);
                if let Some(line) = more.into_iter().next() {
                    self.words((x, top + 39.5), 6.8, Weight::Regular, Ink::SOFT, line);
                }
                left += width + GAP;
            }
            self.y += HEIGHT + GAP;
        }
        self.y += 2.0;
    }

    fn table(&mut self, table: &Table) {
        let widths = column_widths(table, self.faces);
        self.need(CELL * LEADING * 4.0);
        self.row(table, &table.heads, &widths, true);
        for row in &table.rows {
            let lines = self.cells(row, &widths, Weight::Regular).iter().map(Vec::len).max().unwrap_or(1);
            if self.need(lines as f32 * CELL * LEADING + 4.0) {
                self.row(table, &table.heads, &widths, true);
            }
            self.row(table, row, &widths, false);
        }
        self.y += 6.0;
    }

    fn cells(&self, row: &[String], widths: &[f32], weight: Weight) -> Vec<Vec<String>> {
        let face = self.faces.of(weight);
        row.iter().zip(widths).map(|(cell, width)| face.lines(cell, CELL, width - 2.0 * PAD + 0.1)).collect()
    }

    fn row(&mut self, table: &Table, row: &[String], widths: &[f32], head: bool) {
        let (weight, ink) = if head { (Weight::SemiBold, Ink::TEXT) } else { (Weight::Regular, Ink::TEXT) };
        let cells = self.cells(row, widths, weight);
        let most = cells.iter().map(Vec::len).max().unwrap_or(1);
        let mut left = MARGIN;
        for (n, (lines, width)) in cells.into_iter().zip(widths).enumerate() {
            // The heads of columns stand on the line below them.
            let mut y = self.y + if head { (most - lines.len()) as f32 * CELL * LEADING } else { 0.0 };
            for line in lines {
                let x = match table.texts.contains(&n) {
                    true => left + if n == 0 { 0.0 } else { PAD },
                    false => left + width - PAD - self.faces.of(weight).width(&line, CELL),
                };
                self.words((x, y + CELL * ASCENT + 1.0), CELL, weight, ink, line);
                y += CELL * LEADING;
            }
            left += width;
        }
        self.y += most as f32 * CELL * LEADING + 2.0;
        let y = self.y - 0.5;
        self.draw(Mark::Line { points: vec![(MARGIN, y), (left, y)], width: 0.5, ink: Ink::LINE });
        self.y += 1.0;
    }

    fn figures(&mut self, figures: &[Figure]) -> Result<(), PdfError> {
        const GAP: f32 = 16.0;
        let width = (WIDTH - GAP) / 2.0;
        let scale = width / SIZE.0 as f32;
        for pair in figures.chunks(2) {
            let legend = |figure: &Figure| self.faces.of(Weight::Regular).lines(&figure.more, 7.4, width);
            let legends: Vec<Vec<String>> = pair.iter().map(legend).collect();
            let lines = legends.iter().map(Vec::len).max().unwrap_or(0) as f32;
            let above = 13.0 + lines * 7.4 * LEADING + 3.0;
            self.need(above + SIZE.1 as f32 * scale + 6.0);
            for (n, (figure, legend)) in pair.iter().zip(legends).enumerate() {
                let left = MARGIN + n as f32 * (width + GAP);
                let mut y = self.y + 9.0;
                self.words((left, y), BODY, Weight::SemiBold, Ink::TEXT, figure.name.clone());
                for line in legend {
                    y += 7.4 * LEADING;
                    self.words((left, y), 7.4, Weight::Regular, Ink::SOFT, line);
                }
                let corner = (left, self.y + above);
                let mut marks = Vec::new();
                let recorder = Recorder { marks: &mut marks, faces: self.faces, corner, scale };
                figure.plot.draw(&recorder.into_drawing_area()).map_err(PdfError::Plot)?;
                for mark in marks {
                    self.draw(mark);
                }
            }
            self.y += above + SIZE.1 as f32 * scale + 8.0;
        }
        Ok(())
    }
}

/// Numbers get what they need, and words share what is left by what they would like.
fn column_widths(table: &Table, faces: &Faces) -> Vec<f32> {
    let (head, cell) = (faces.of(Weight::SemiBold), faces.of(Weight::Regular));
    let longest_word = |text: &str| text.split_whitespace().map(|w| head.width(w, CELL)).fold(0.0, f32::max);
    // A short head stays in one line.
    let of_head = |text: &str| longest_word(text).max(head.width(text, CELL).min(LEAST_WORDS));
    let mut widths: Vec<f32> = Vec::new();
    for (n, name) in table.heads.iter().enumerate() {
        let cells = table.rows.iter().filter_map(|row| row.get(n)).map(|text| cell.width(text, CELL));
        let needed = cells.fold(of_head(name), f32::max) + 2.0 * PAD;
        widths.push(needed);
    }
    // Words are not cut where they are of a usual length.
    let of_column =
        |n: usize| table.rows.iter().filter_map(move |row| row.get(n)).map(|text| longest_word(text));
    let least = |(n, name): (usize, &String)| {
        of_column(n).fold(longest_word(name), f32::max).min(LONGEST_WORD) + 2.0 * PAD
    };
    let least: Vec<f32> = table.heads.iter().enumerate().map(least).collect();
    let is_words = |n: usize| table.texts.contains(&n);
    let sum = |widths: &[f32], of_words: bool| -> f32 {
        widths.iter().enumerate().filter(|(n, _)| is_words(*n) == of_words).map(|(_, width)| width).sum()
    };
    let (liked, left) = (sum(&widths, true), (WIDTH - sum(&widths, false)).max(LEAST_WORDS));
    if liked > left {
        let share = |n: usize| if is_words(n) { least[n] } else { 0.0 };
        let kept: f32 = (0..widths.len()).map(share).sum();
        // Beyond the heads of their columns.
        let scale = ((left - kept) / (liked - kept).max(1.0)).max(0.0);
        for n in (0..widths.len()).filter(|n| is_words(*n)) {
            widths[n] = least[n] + (widths[n] - least[n]) * scale;
        }
    }
    // Numbers alone may need more than there is: then every column gives.
    let all: f32 = widths.iter().sum();
    if all > WIDTH {
        widths.iter_mut().for_each(|width| *width *= WIDTH / all);
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(blocks: Vec<Block>) -> Page {
        let label =
            Label { word: "SIMULATED".to_owned(), meaning: "nothing follows".to_owned(), warns: true };
        Page { title: "A title".to_owned(), kind: "test", label, blocks }
    }

    fn words(sheet: &[Mark]) -> Vec<(&str, (f32, f32), f32, Weight)> {
        let words = |mark| match mark {
            &Mark::Words { ref text, at, size, weight, .. } => Some((text.as_str(), at, size, weight)),
            _ => None,
        };
        sheet.iter().filter_map(words).collect()
    }

    #[test]
    fn every_sheet_has_the_label_and_nothing_leaves_its_margins() {
        let faces = Faces::shipped().unwrap();
        let row = |n: usize| {
            vec![
                format!("a name of some length that is number {n}"),
                format!("{n}.25"),
                "why ".repeat(n % 30),
            ]
        };
        let heads = ["configuration", "tokens/s", "notes"].map(str::to_owned).to_vec();
        let table = Table { heads, texts: vec![0, 2], rows: (0..120).map(row).collect() };
        let laid_out =
            lay_out(&page(vec![Block::Section("Numbers".to_owned()), Block::Table(table)]), &faces).unwrap();
        assert!(laid_out.sheets.len() > 3);
        assert_eq!(laid_out.headings.len(), 1);
        for sheet in &laid_out.sheets {
            let words = words(sheet);
            assert!(words.iter().any(|(text, ..)| *text == "SIMULATED"));
            assert!(words.iter().any(|(text, ..)| *text == "configuration"), "heads are on every sheet");
            for (text, (x, y), size, weight) in words {
                let right = x + faces.of(weight).width(text, size);
                assert!(x >= MARGIN - 0.1 && right <= SHEET.0 - MARGIN + 0.5, "{text}: {x} to {right}");
                assert!(y > 20.0 && y < SHEET.1 - 20.0, "{text}: {y}");
            }
        }
    }

    #[test]
    fn a_pdf_has_text_and_an_outline_for_odd_letters_too() {
        let blocks = vec![
            Block::Section("模型".to_owned()),
            Block::Text(String::new()),
            Block::List(vec!["a\u{7}b".to_owned()]),
        ];
        assert!(page(blocks).to_pdf().unwrap().starts_with(b"%PDF-"));
    }
}
