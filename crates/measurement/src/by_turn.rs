//! Summarises the requests of conversations **by turn**.

use std::collections::{BTreeMap, BTreeSet};

use domain::by_turn::{ByTurn, OfTurns};

use crate::record::{Outcome, RequestRecord, Turn};
use crate::summary::summarise;

/// Summarises measured requests; `dropped` are turns that were due and never sent. None where no request belongs to a
/// conversation.
pub fn by_turn<'a>(
    measured: impl Iterator<Item = &'a RequestRecord>,
    dropped: impl Iterator<Item = Turn>,
    seed: u64,
) -> Option<ByTurn> {
    let turns: Vec<(Turn, &RequestRecord)> = measured.filter_map(|r| Some((r.turn?, r))).collect();
    let conversations: BTreeSet<u32> = turns.iter().map(|(turn, _)| turn.conversation).collect();
    if conversations.is_empty() {
        return None;
    }
    let numbers: BTreeSet<u32> = turns.iter().map(|(turn, _)| turn.turn).collect();
    let of =
        |is: &dyn Fn(u32) -> bool| of_turns(turns.iter().filter(|(t, _)| is(t.turn)).map(|(_, r)| *r), seed);
    let each: BTreeMap<u32, OfTurns> =
        numbers.into_iter().filter_map(|number| Some((number, of(&|turn| turn == number)?))).collect();
    let ended = turns.iter().filter(|(turn, record)| !turn.is_last() && ends_early(record)).count();
    // One whose first turn was dropped never began.
    let dropped = dropped.filter(|turn| conversations.contains(&turn.conversation)).count();
    Some(ByTurn {
        conversations: conversations.len() as u64,
        broken_off: (ended + dropped) as u64,
        first: each.get(&1).cloned(),
        later: of(&|turn| turn > 1),
        each,
    })
}

fn of_turns<'a>(requests: impl Iterator<Item = &'a RequestRecord>, seed: u64) -> Option<OfTurns> {
    let good: Vec<&RequestRecord> = requests.filter(|r| r.succeeded()).collect();
    let counted: Vec<u64> = good.iter().filter_map(|r| r.input_tokens).collect();
    Some(OfTurns {
        succeeded: good.len() as u64,
        input_tokens: (!counted.is_empty())
            .then(|| counted.iter().sum::<u64>() as f64 / counted.len() as f64),
        ttft: summarise(good.iter().filter_map(|r| r.ttft_ms()).collect(), seed)?,
    })
}

/// Whether nothing can follow a request that has ended: it failed, or its answer was reasoning alone.
const fn ends_early(record: &RequestRecord) -> bool {
    match record.outcome {
        Outcome::Failed { .. } => true,
        Outcome::Succeeded => record.first_output.is_none(),
        Outcome::Cut => false,
    }
}

#[cfg(test)]
mod tests {
    use domain::result::FailureReason;

    use super::*;
    use crate::record::sample;

    const NONE: std::iter::Empty<Turn> = std::iter::empty();

    fn turn(conversation: u32, turn: u32, ttft_ms: u64) -> RequestRecord {
        let turns = Turn { conversation, turn, turns: 3, asked_input_tokens: None };
        RequestRecord { turn: Some(turns), ..sample(conversation * 3 + turn, 10, &[10 + ttft_ms]) }
    }

    #[test]
    fn later_turns_are_kept_apart_from_first_ones() {
        let failed = Outcome::Failed { reason: FailureReason::Timeout, detail: String::new() };
        let mut records = [turn(0, 1, 90), turn(0, 2, 20), turn(0, 3, 30), turn(1, 1, 110), turn(2, 1, 1)];
        records[4].outcome = failed;
        let found = by_turn(records.iter(), NONE, 1).unwrap();
        assert_eq!((found.conversations, found.broken_off), (3, 1));
        let means = [&found.first, &found.later].map(|of| of.as_ref().map(|of| (of.succeeded, of.ttft.mean)));
        assert_eq!(means, [Some((2, 100.0)), Some((2, 25.0))]);
        assert_eq!(found.each.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(found.each[&3].input_tokens, Some(10.0));
    }

    #[test]
    fn an_answer_without_text_breaks_a_conversation_off() {
        let mut records = [turn(0, 2, 5), turn(1, 3, 5)];
        for record in &mut records {
            record.first_output = None;
        }
        // The second was the last of its turns anyway.
        assert_eq!(by_turn(records.iter(), NONE, 1).unwrap().broken_off, 1);
    }

    #[test]
    fn a_turn_that_was_dropped_breaks_its_conversation_off_if_it_had_begun() {
        let records = [turn(0, 1, 5), turn(1, 1, 5), turn(1, 2, 5)];
        let dropped = [turn(0, 2, 5), turn(7, 1, 5)];
        let found = by_turn(records.iter(), dropped.iter().filter_map(|r| r.turn), 1).unwrap();
        assert_eq!((found.conversations, found.broken_off), (2, 1));
    }

    #[test]
    fn requests_that_stand_alone_have_no_turns() {
        assert_eq!(by_turn([sample(0, 1, &[2])].iter(), NONE, 1), None);
    }
}
