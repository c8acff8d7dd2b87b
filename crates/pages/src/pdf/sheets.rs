//! Writes laid-out **sheets** as a PDF.

use krilla::Document;
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;

use super::PdfError;
use super::face::Faces;
use super::flow::{LaidOut, SHEET};
use super::mark::{Ink, Mark};
use crate::Page;

pub fn write(page: &Page, laid_out: &LaidOut, faces: &Faces) -> Result<Vec<u8>, PdfError> {
    let mut document = Document::new();
    for marks in &laid_out.sheets {
        let settings = PageSettings::from_wh(SHEET.0, SHEET.1)
            .ok_or_else(|| PdfError::Document("the size of a sheet".to_owned()))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for mark in marks {
            draw(&mut surface, mark, faces);
        }
        surface.finish();
        sheet.finish();
    }
    let mut outline = Outline::new();
    for heading in &laid_out.headings {
        let place = XyzDestination::new(heading.sheet, Point::from_xy(0.0, heading.y));
        outline.push_child(OutlineNode::new(heading.text.clone(), place));
    }
    document.set_outline(outline);
    let title = format!("{}: {}", page.label.word, page.title);
    let metadata = Metadata::new().title(title).creator("Assay".to_owned()).language("en".to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|error| PdfError::Document(format!("{error:?}")))
}

fn draw(surface: &mut Surface<'_>, mark: &Mark, faces: &Faces) {
    match mark {
        Mark::Words { at, size, weight, ink, text } => {
            let face = faces.of(*weight);
            filled(surface, *ink);
            let start = Point::from_xy(at.0, at.1);
            surface.draw_glyphs(start, &face.glyphs(text), face.font.clone(), text, *size, false);
        }
        Mark::Shape { corners, ink } => {
            filled(surface, *ink);
            path(surface, corners, true);
        }
        Mark::Line { points, width, ink } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke {
                paint: colour(*ink).into(),
                width: *width,
                opacity: opacity(*ink),
                ..Stroke::default()
            }));
            path(surface, points, false);
        }
        Mark::Circle { at, radius, ink } => {
            filled(surface, *ink);
            circle(surface, *at, *radius);
        }
    }
}

fn filled(surface: &mut Surface<'_>, ink: Ink) {
    surface.set_stroke(None);
    surface.set_fill(Some(Fill { paint: colour(ink).into(), opacity: opacity(ink), ..Fill::default() }));
}

fn colour(ink: Ink) -> rgb::Color {
    rgb::Color::new(ink.rgb.0, ink.rgb.1, ink.rgb.2)
}

fn opacity(ink: Ink) -> NormalizedF32 {
    NormalizedF32::new(ink.alpha).unwrap_or(NormalizedF32::ONE)
}

fn path(surface: &mut Surface<'_>, points: &[(f32, f32)], closed: bool) {
    let mut builder = PathBuilder::new();
    for (n, (x, y)) in points.iter().enumerate() {
        if n == 0 { builder.move_to(*x, *y) } else { builder.line_to(*x, *y) }
    }
    if closed {
        builder.close();
    }
    if let Some(path) = builder.finish() {
        surface.draw_path(&path);
    }
}

fn circle(surface: &mut Surface<'_>, (x, y): (f32, f32), r: f32) {
    /// How far the handles of a quarter are from its ends, over the radius.
    const HANDLE: f32 = 0.552_284_8;
    let h = r * HANDLE;
    let mut builder = PathBuilder::new();
    builder.move_to(x + r, y);
    builder.cubic_to(x + r, y + h, x + h, y + r, x, y + r);
    builder.cubic_to(x - h, y + r, x - r, y + h, x - r, y);
    builder.cubic_to(x - r, y - h, x - h, y - r, x, y - r);
    builder.cubic_to(x + h, y - r, x + r, y - h, x + r, y);
    builder.close();
    if let Some(path) = builder.finish() {
        surface.draw_path(&path);
    }
}
