//! A **sparkline** is a plot of one line of text, from 0 up to its largest value.

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The last values that fit into so many columns. Where there is none, the plot has a gap.
pub(super) fn sparkline(values: &[Option<f64>], columns: usize) -> String {
    let shown = values.get(values.len().saturating_sub(columns)..).unwrap_or_default();
    let largest = shown.iter().flatten().copied().fold(0.0, f64::max);
    shown.iter().map(|value| value.map_or(' ', |value| bar(value, largest))).collect()
}

fn bar(value: f64, largest: f64) -> char {
    let level = if largest > 0.0 { (value / largest * BARS.len() as f64).ceil() as usize } else { 1 };
    BARS[level.clamp(1, BARS.len()) - 1]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heights_are_from_zero_and_what_is_missing_is_a_gap() {
        assert_eq!(sparkline(&[Some(0.0), Some(4.0), None, Some(8.0)], 10), "▁▄ █");
        assert_eq!(sparkline(&[Some(1.0), Some(2.0), Some(2.0)], 2), "██");
        assert_eq!(sparkline(&[Some(0.0)], 5), "▁");
        assert_eq!(sparkline(&[], 5), "");
    }

    proptest! {
        #[test]
        fn it_never_takes_more_columns_than_there_are(
            values in prop::collection::vec(prop::option::of(0.0..1e9), 0..100), columns in 0_usize..80,
        ) {
            prop_assert_eq!(sparkline(&values, columns).chars().count(), values.len().min(columns));
        }
    }
}
