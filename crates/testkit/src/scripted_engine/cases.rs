//! The **cases**: what servers do to a client, each with what the client must report of it.

use domain::result::{FailureReason, TokenSource};

use super::script::{Step, delta, ending, event, good, head, pause, text, usage, whole};

/// Longest time of a request, ms, while the cases are played; a stall is longer.
pub const REQUEST_TIMEOUT_MS: u64 = 700;

/// A case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What the server does.
    pub name: &'static str,
    /// How.
    pub script: Vec<Step>,
    /// What is to be reported.
    pub expected: Expected,
    /// Least time to first token, ms.
    pub least_ttft_ms: f64,
}

/// What is to be reported of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// A success.
    Answer {
        /// Content events.
        events: usize,
        /// Tokens of each, where the server told.
        tokens_per_event: Vec<u32>,
        /// The first event that is not reasoning.
        first_output: Option<u32>,
        /// Tokens of the answer.
        output_tokens: u64,
        /// Who counted them.
        token_source: TokenSource,
    },
    /// A failure and its detail.
    Failure(FailureReason, &'static str),
}

impl Expected {
    /// A success with content events of one token, as the server's usage says.
    fn tokens(events: usize) -> Self {
        Self::Answer {
            events,
            tokens_per_event: Vec::new(),
            first_output: Some(0),
            output_tokens: events as u64,
            token_source: TokenSource::ServerUsage,
        }
    }
}

/// All cases in the protocol of OpenAI's chat.
#[must_use]
pub fn all() -> Vec<Case> {
    let finish = event(r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#);
    let answer = |steps: Vec<Step>, tokens| [vec![head()], steps, ending(20, tokens)].concat();
    let broken = |steps: Vec<Step>| [vec![head()], steps].concat();
    let case = |name, script, expected| Case { name, script, expected, least_ttft_ms: 0.0 };
    let failure = |reason, detail| Expected::Failure(reason, detail);
    let counted = |completion: u32, content: &str| {
        event(&format!(
            r#"{{"choices":[{{"index":0,"delta":{{"content":"{content}"}}}}],"usage":{{"prompt_tokens":20,"completion_tokens":{completion}}}}}"#
        ))
    };
    vec![
        case("a good answer", good(), Expected::tokens(2)),
        Case {
            least_ttft_ms: 40.0,
            ..case(
                "an early role-only chunk",
                answer(
                    vec![delta(r#"{"role":"assistant","content":""}"#), pause(40), text("a"), text("b")],
                    2,
                ),
                Expected::tokens(2),
            )
        },
        Case {
            least_ttft_ms: 40.0,
            ..case(
                "usage-only and empty chunks, comments and keep-alives",
                answer(
                    vec![
                        usage(20, 0),
                        delta("{}"),
                        delta(r#"{"content":null}"#),
                        Step::Data(b": ping\n\n".to_vec()),
                        pause(40),
                        text("a"),
                        finish.clone(),
                    ],
                    1,
                ),
                Expected::tokens(1),
            )
        },
        case(
            "reasoning, then an answer",
            answer(vec![delta(r#"{"reasoning_content":"h"}"#), delta(r#"{"reasoning":"m"}"#), text("a")], 3),
            Expected::Answer {
                events: 3,
                tokens_per_event: vec![],
                first_output: Some(2),
                output_tokens: 3,
                token_source: TokenSource::ServerUsage,
            },
        ),
        case(
            "a tool call",
            answer(
                vec![
                    delta(r#"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":""}}]}"#),
                    delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]}"#),
                    delta(r#"{"tool_calls":[{"index":0,"function":{"arguments":""}}]}"#),
                ],
                2,
            ),
            Expected::tokens(2),
        ),
        case(
            "several tokens in a chunk",
            answer(vec![counted(3, "abc"), counted(4, "d")], 4),
            Expected::Answer {
                events: 2,
                tokens_per_event: vec![3, 1],
                first_output: Some(0),
                output_tokens: 4,
                token_source: TokenSource::ServerUsage,
            },
        ),
        case(
            "several chunks in a write, split inside an event",
            {
                let (Step::Data(a), Step::Data(b)) = (text("a"), text("é")) else { unreachable!() };
                let both = [a, b].concat();
                let (first, second) = both.split_at(both.len() - 30);
                answer(vec![Step::Data(first.to_vec()), pause(2), Step::Data(second.to_vec())], 2)
            },
            Expected::tokens(2),
        ),
        case(
            "lines that end with a carriage return",
            answer(
                vec![Step::Data(
                    b"data: {\"choices\":[{\"delta\":\r\ndata: {\"content\":\"a\"}}]}\r\n\r\n".to_vec(),
                )],
                1,
            ),
            Expected::tokens(1),
        ),
        case(
            "no usage",
            broken(vec![text("a"), text("b"), event("[DONE]"), Step::End]),
            Expected::Answer {
                events: 2,
                tokens_per_event: vec![],
                first_output: Some(0),
                output_tokens: 2,
                token_source: TokenSource::ContentEvents,
            },
        ),
        case(
            // The server's count stands; that it is not the length asked for is flagged.
            "usage that is wrong",
            answer(vec![text("a"), text("b")], 9),
            Expected::Answer {
                events: 2,
                tokens_per_event: vec![],
                first_output: Some(0),
                output_tokens: 9,
                token_source: TokenSource::ServerUsage,
            },
        ),
        Case {
            least_ttft_ms: 60.0,
            ..case("slow headers", [vec![pause(60)], good()].concat(), Expected::tokens(2))
        },
        case(
            "a stream that breaks off",
            broken(vec![text("a"), pause(5), Step::Break]),
            failure(FailureReason::Disconnected, "the stream broke off after 1 content events"),
        ),
        case(
            "a connection that ends before its answer",
            vec![pause(60), Step::Break],
            failure(FailureReason::Disconnected, "no answer: "),
        ),
        case(
            "a whole answer whose connection breaks",
            broken(vec![text("a"), text("b"), usage(20, 2), event("[DONE]"), pause(5), Step::Break]),
            Expected::tokens(2),
        ),
        case(
            "an answer without end",
            broken(vec![text(&"a".repeat(1_200_000)), pause(600_000)]),
            failure(FailureReason::Malformed, "the answer goes on beyond 1 MiB"),
        ),
        case(
            "a stream that ends without an end",
            broken(vec![text("a"), text("b"), Step::End]),
            failure(FailureReason::Disconnected, "the stream broke off after 2 content events"),
        ),
        case(
            "a stream without content",
            answer(vec![], 0),
            failure(FailureReason::Empty, "the stream ended without content"),
        ),
        case(
            "an empty body",
            broken(vec![Step::End]),
            failure(FailureReason::Empty, "the answer has no body"),
        ),
        case(
            "an error in the middle",
            broken(vec![text("a"), event(r#"{"error":{"message":"no memory","code":500}}"#), Step::End]),
            failure(FailureReason::Server, "no memory"),
        ),
        case(
            "text that is not UTF-8",
            broken(vec![
                Step::Data(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n\n".to_vec()),
                Step::End,
            ]),
            failure(FailureReason::Malformed, "not a chunk"),
        ),
        case(
            "no event stream at all",
            whole(200, "<html>hello</html>"),
            failure(FailureReason::Malformed, "not an event stream: <html>hello</html>"),
        ),
        case(
            "too many requests",
            refused(429, r#"{"error":{"message":"slow down"}}"#),
            failure(FailureReason::RateLimited, "HTTP 429: slow down"),
        ),
        case(
            "no capacity",
            refused(503, "try later"),
            failure(FailureReason::Overloaded, "HTTP 503: try later"),
        ),
        case(
            "an internal error",
            whole(500, r#"{"object":"error","message":"oops"}"#),
            failure(FailureReason::Server, "HTTP 500: oops"),
        ),
        case(
            "a stall",
            broken(vec![text("a"), pause(60_000)]),
            failure(FailureReason::Timeout, "no whole answer within 0.7 s"),
        ),
    ]
}

/// A refusal that says when to come again.
fn refused(status: u16, body: &str) -> Vec<Step> {
    let head = Step::Head(status, vec![("content-type", "application/json"), ("retry-after", "1")]);
    vec![head, Step::Data(body.as_bytes().to_vec()), Step::End]
}
