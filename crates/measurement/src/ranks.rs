//! A **rank** is a number's place in the order of all, from 0. The numbers at some ranks are found exactly without
//! holding all of them: those that fit are sorted; of more, the range is cut into cells again and again, each time
//! counting how many lie in each, until so few share a cell with a rank that these fit.

/// Most numbers that are held at once: 32 MB of them.
pub(crate) const MOST_HELD: usize = 4 << 20;

/// Cells that a range is cut into.
const CELLS: u64 = 4096;

/// A range that holds numbers of some ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    low: u64,
    /// The last that belongs to it.
    high: u64,
    /// How many numbers are less.
    below: u64,
    /// How many lie in it.
    count: u64,
}

impl Span {
    /// Whether all its numbers are the same.
    const fn is_one(&self) -> bool {
        self.low == self.high
    }

    const fn has_rank(&self, rank: u64) -> bool {
        self.below <= rank && rank < self.below + self.count
    }

    /// Length of a cell.
    const fn cell(&self) -> u64 {
        (self.high - self.low) / CELLS + 1
    }
}

/// The numbers at ranks, each less than `count`, which is how many there are. `numbers` gives all of them, and the same
/// ones every time; no more than `most_held` are held at once.
pub(crate) fn at_ranks<I: Iterator<Item = u64>>(
    numbers: impl Fn() -> I,
    count: u64,
    ranks: &[u64],
    most_held: usize,
) -> Vec<u64> {
    let fits = |spans: &[Span]| open(spans).map(|span| span.count).sum::<u64>() <= most_held as u64;
    let mut spans = vec![Span { low: 0, high: u64::MAX, below: 0, count }];
    if !fits(&spans) {
        let ends = |(low, high): (u64, u64), number: u64| (low.min(number), high.max(number));
        let (low, high) = numbers().fold((u64::MAX, 0), ends);
        spans = vec![Span { low: low.min(high), high, below: 0, count }];
    }
    while !fits(&spans) {
        spans = narrowed(numbers(), &spans, ranks);
    }
    let mut held = Vec::with_capacity(open(&spans).map(|span| span.count as usize).sum());
    let is_open = |number: &u64| span_of(&spans, *number).is_some_and(|at| !spans[at].is_one());
    held.extend(numbers().filter(is_open));
    held.sort_unstable();
    let at_rank = |rank: &u64| match spans.iter().find(|span| span.has_rank(*rank)) {
        Some(span) if span.is_one() => span.low,
        Some(span) => {
            let before = held.partition_point(|number| *number < span.low);
            nth(&held, before as u64 + rank - span.below)
        }
        None => 0,
    };
    ranks.iter().map(at_rank).collect()
}

/// The spans whose numbers may differ.
fn open(spans: &[Span]) -> impl Iterator<Item = &Span> {
    spans.iter().filter(|span| !span.is_one())
}

/// The number at a rank of sorted numbers. 0 when there is none, as when a source has changed in between.
fn nth(sorted: &[u64], rank: u64) -> u64 {
    usize::try_from(rank).ok().and_then(|rank| sorted.get(rank)).copied().unwrap_or(0)
}

/// The place of the span that a number lies in. Spans are in order and do not overlap.
fn span_of(spans: &[Span], number: u64) -> Option<usize> {
    let at = spans.partition_point(|span| span.low <= number).checked_sub(1)?;
    (number <= spans[at].high).then_some(at)
}

/// Cuts every span into cells and keeps those with a rank.
fn narrowed(numbers: impl Iterator<Item = u64>, spans: &[Span], ranks: &[u64]) -> Vec<Span> {
    let mut counts = vec![[0_u64; CELLS as usize]; spans.len()];
    for number in numbers {
        if let Some(at) = span_of(spans, number) {
            counts[at][((number - spans[at].low) / spans[at].cell()) as usize] += 1;
        }
    }
    let mut kept = Vec::new();
    for (span, counts) in spans.iter().zip(counts) {
        let mut below = span.below;
        for (cell, count) in (0..CELLS).zip(counts) {
            let low = span.low.saturating_add(cell * span.cell());
            let narrow = Span { low, high: span.high.min(low.saturating_add(span.cell() - 1)), below, count };
            if ranks.iter().any(|rank| narrow.has_rank(*rank)) {
                kept.push(narrow);
            }
            below += count;
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers() -> impl Strategy<Value = Vec<u64>> {
        let near = 20_000_000..20_000_100_u64;
        let number = prop_oneof![8 => near, 2 => 0..10_u64, 1 => Just(u64::MAX), 1 => any::<u64>()];
        prop::collection::vec(number, 1..400)
    }

    proptest! {
        #[test]
        fn they_are_those_of_the_sorted_numbers_however_few_are_held(
            numbers in numbers(), places in prop::collection::vec(0.0..1.0_f64, 1..9), most_held in 1..500_usize,
        ) {
            let ranks: Vec<u64> = places.iter().map(|place| (place * numbers.len() as f64) as u64).collect();
            let mut sorted = numbers.clone();
            sorted.sort_unstable();
            let expected: Vec<u64> = ranks.iter().map(|rank| sorted[*rank as usize]).collect();
            // Whatever is held, one cell may hold as many as there are ranks.
            let found = at_ranks(|| numbers.iter().copied(), numbers.len() as u64, &ranks, most_held);
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn numbers_that_are_all_the_same_need_no_room() {
        assert_eq!(at_ranks(|| std::iter::repeat_n(7, 1_000), 1_000, &[0, 500, 999], 2), [7; 3]);
    }
}
