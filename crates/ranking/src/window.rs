//! A **window** is a set of points that others are compared with: is there one that is better (or as good) in
//! everything?
//!
//! It holds the points in blocks, objective by objective, so that one comparison with a block is a few
//! instructions without a branch. The block that answered yes goes to the front of the window, where the next point
//! meets it first: a few points dominate most of the others (Bentley, Clarkson & Levine, *Fast Linear Expected-Time
//! Algorithms for Computing Maxima and Convex Hulls*, SODA 1990).

use wide::f64x8;

/// Points in a block.
const LANES: usize = 8;

pub(crate) struct Window {
    /// Objectives that are compared.
    width: usize,
    /// `width` of them for each block of points. Where there is no point yet is `NaN`, which is in no relation.
    blocks: Vec<f64x8>,
    len: usize,
}

impl Window {
    pub(crate) const fn new(width: usize) -> Self {
        Self { width, blocks: Vec::new(), len: 0 }
    }

    pub(crate) fn push(&mut self, point: &[f64]) {
        let lane = self.len % LANES;
        if lane == 0 {
            self.blocks.extend(std::iter::repeat_n(f64x8::splat(f64::NAN), self.width));
        }
        let open = self.blocks.len() - self.width;
        for (values, &x) in self.blocks[open..].iter_mut().zip(point) {
            values.as_mut_array()[lane] = x;
        }
        self.len += 1;
    }

    /// Whether a member is at least as good as a point in everything.
    pub(crate) fn covers(&mut self, point: &[f64]) -> bool {
        self.any(point, f64x8::simd_le)
    }

    /// Whether a member is better than a point in everything.
    pub(crate) fn beats(&mut self, point: &[f64]) -> bool {
        self.any(point, f64x8::simd_lt)
    }

    fn any(&mut self, point: &[f64], relation: impl Fn(f64x8, f64x8) -> f64x8) -> bool {
        let holds = |block: &[f64x8]| {
            let mut all = f64x8::splat(f64::from_bits(u64::MAX));
            for (&members, &x) in block.iter().zip(point) {
                all &= relation(members, f64x8::splat(x));
            }
            all.any()
        };
        let Some(at) = self.blocks.chunks_exact(self.width).position(holds) else { return false };
        let full = self.len / LANES;
        if at > 0 && at < full {
            let (first, rest) = self.blocks.split_at_mut(at * self.width);
            first[..self.width].swap_with_slice(&mut rest[..self.width]);
        }
        true
    }
}
