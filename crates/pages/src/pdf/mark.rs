//! A **mark** is something drawn on a sheet. Points are 1/72 inch, from the upper left corner.

use plotters::style::RGBColor;

use crate::chart::{FIRST, GRID, INK, SECOND, WINDOW};

/// Two weights of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    SemiBold,
}

/// A colour of the page, on white paper, and how much of what lies below shows through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ink {
    pub rgb: (u8, u8, u8),
    pub alpha: f32,
}

impl Ink {
    pub const TEXT: Self = Self::of(27, 31, 36);
    pub const SOFT: Self = Self::of(89, 99, 110);
    pub const LINE: Self = Self::of(216, 222, 228);
    pub const CARD: Self = Self::of(246, 248, 250);
    pub const WARN: Self = Self::of(255, 236, 179);
    pub const WARN_TEXT: Self = Self::of(107, 74, 0);

    const fn of(r: u8, g: u8, b: u8) -> Self {
        Self { rgb: (r, g, b), alpha: 1.0 }
    }

    /// The colour that a placeholder of a plot stands for.
    pub fn of_plot((r, g, b): (u8, u8, u8), alpha: f64) -> Self {
        let ink = match RGBColor(r, g, b) {
            INK => Self::SOFT,
            GRID => Self::LINE,
            FIRST => Self::of(10, 102, 194),
            SECOND => Self::of(194, 65, 12),
            WINDOW => Self::of(231, 240, 249),
            other => Self::of(other.0, other.1, other.2),
        };
        Self { alpha: alpha.clamp(0.0, 1.0) as f32, ..ink }
    }
}

/// Something drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// Words from a point on their base line.
    Words { at: (f32, f32), size: f32, weight: Weight, ink: Ink, text: String },
    /// A filled shape.
    Shape { corners: Vec<(f32, f32)>, ink: Ink },
    /// A line through points.
    Line { points: Vec<(f32, f32)>, width: f32, ink: Ink },
    /// A filled circle.
    Circle { at: (f32, f32), radius: f32, ink: Ink },
}

impl Mark {
    /// A filled rectangle.
    pub fn rectangle(left: f32, top: f32, right: f32, bottom: f32, ink: Ink) -> Self {
        Self::Shape { corners: vec![(left, top), (right, top), (right, bottom), (left, bottom)], ink }
    }
}
