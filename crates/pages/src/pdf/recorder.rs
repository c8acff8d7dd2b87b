//! A **recorder** is what plotters draws on for a PDF: it notes marks instead of pixels.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::face::Faces;
use super::mark::{Ink, Mark, Weight};
use crate::chart::SIZE;

type Done = Result<(), DrawingErrorKind<Infallible>>;

/// Notes the marks of one plot.
pub struct Recorder<'a> {
    pub marks: &'a mut Vec<Mark>,
    pub faces: &'a Faces,
    /// Where its upper left corner is.
    pub corner: (f32, f32),
    /// Points of a pixel.
    pub scale: f32,
}

impl Recorder<'_> {
    fn at(&self, (x, y): BackendCoord) -> (f32, f32) {
        (self.corner.0 + x as f32 * self.scale, self.corner.1 + y as f32 * self.scale)
    }

    fn ink(color: BackendColor) -> Ink {
        Ink::of_plot(color.rgb, color.alpha)
    }
}

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        SIZE
    }

    fn ensure_prepared(&mut self) -> Done {
        Ok(())
    }

    fn present(&mut self) -> Done {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Done {
        let (x, y) = self.at(point);
        self.marks.push(Mark::rectangle(x, y, x + self.scale, y + self.scale, Self::ink(color)));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Done {
        self.draw_path([from, to], style)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Done {
        let ink = Self::ink(style.color());
        if ink.alpha > 0.0 {
            let points = path.into_iter().map(|point| self.at(point)).collect();
            self.marks.push(Mark::Line { points, width: style.stroke_width() as f32 * self.scale, ink });
        }
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Done {
        let ((left, top), (right, bottom)) = (upper_left, bottom_right);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        if fill {
            self.fill_polygon(corners, style)
        } else {
            self.draw_path(corners.into_iter().chain([(left, top)]), style)
        }
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _: bool,
    ) -> Done {
        let (at, radius) = (self.at(center), radius as f32 * self.scale);
        self.marks.push(Mark::Circle { at, radius, ink: Self::ink(style.color()) });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Done {
        let ink = Self::ink(style.color());
        if ink.alpha > 0.0 {
            let corners = corners.into_iter().map(|point| self.at(point)).collect();
            self.marks.push(Mark::Shape { corners, ink });
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Done {
        let size = style.size() as f32 * self.scale;
        let width = self.faces.of(Weight::Regular).width(text, size);
        let (x, y) = self.at(at);
        let x = match style.anchor().h_pos {
            HPos::Left => x,
            HPos::Center => x - width / 2.0,
            HPos::Right => x - width,
        };
        // Of the letters of this font 0.73 of the size lies above the base line.
        let y = match style.anchor().v_pos {
            VPos::Top => y + size * 0.86,
            VPos::Center => y + size * 0.365,
            VPos::Bottom => y - size * 0.14,
        };
        let ink = Self::ink(style.color());
        self.marks.push(Mark::Words {
            at: (x, y),
            size,
            weight: Weight::Regular,
            ink,
            text: text.to_owned(),
        });
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = self.faces.of(Weight::Regular).width(text, style.size() as f32);
        Ok((width.ceil() as u32, style.size().ceil() as u32))
    }
}
