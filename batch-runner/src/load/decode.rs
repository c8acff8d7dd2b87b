//! The **decoder** reads recorded exchanges into records, off the timed path.

use std::sync::mpsc::Receiver;

use domain::result::FailureReason;
use measurement::openai::{self, Answer, StreamEnd};
use measurement::record::{Outcome, RequestRecord};

use super::timed::{Close, Exchange};

/// Reads every exchange until there are no more; the records are in the order of sending.
pub(super) fn read_all(exchanges: &Receiver<Exchange>) -> Vec<RequestRecord> {
    let mut records: Vec<RequestRecord> = exchanges.iter().map(read).collect();
    records.sort_unstable_by_key(|r| r.index);
    records
}

fn read(exchange: Exchange) -> RequestRecord {
    let Exchange { index, phase, t_sched_ns, t_send_ns, t_end_ns, recording, close } = exchange;
    let end = match close {
        Close::Stream(end) => end,
        Close::Status(_) | Close::Failed(..) | Close::Cut => StreamEnd::Broken,
    };
    let answer = openai::read_stream(&recording, end);
    let failed = |reason: FailureReason, detail: String| Outcome::Failed { reason, detail };
    let outcome = match close {
        Close::Stream(_) => answer.outcome,
        Close::Status(status) => {
            let message = openai::error_message(recording.bytes());
            failed(openai::reason_of_status(status), format!("HTTP {status}: {message}"))
        }
        Close::Failed(reason, detail) => failed(reason, detail),
        Close::Cut => Outcome::Cut,
    };
    let Answer { content_ns, content_tokens, first_output, input_tokens, output_tokens, .. } = answer;
    RequestRecord {
        index,
        phase,
        t_sched_ns,
        t_send_ns,
        content_ns,
        content_tokens,
        first_output,
        t_end_ns,
        input_tokens,
        output_tokens,
        token_source: answer.token_source,
        finish_reason: answer.finish_reason,
        outcome,
    }
}
