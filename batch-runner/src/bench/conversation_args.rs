//! The arguments of **conversations**: how many turns, of what length, how far apart.

use domain::conversation::{BadConversation, Conversation, ThinkTime};
use domain::workload::Protocol;
use domain::{Lengths, Load};

/// How requests build on each other.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct ConversationArgs {
    /// Turns of a conversation: 4, uniform:2-6, ... Each turn sends again what was said before, the server's own
    /// answers among it, and a new message; --input-tokens is the first one's prompt. --concurrency is then
    /// conversations at once, --rate those that begin in a second; a request that fails ends its conversation
    #[arg(long, value_name = "TURNS", conflicts_with_all = ["batch_size", "trace"])]
    pub turns: Option<Lengths>,
    /// Tokens that each turn after the first adds, written as --input-tokens and by default as many
    #[arg(long, value_name = "TOKENS", requires = "turns", conflicts_with = "dataset")]
    pub turn_input_tokens: Option<Lengths>,
    /// Time from the end of an answer until the next turn is due: 5s, exponential:5s, lognormal:10s,8s (mean,
    /// deviation) (default: none)
    #[arg(long, value_name = "TIME", requires = "turns")]
    pub think_time: Option<ThinkTime>,
}

impl ConversationArgs {
    /// The conversations; none where requests stand alone.
    ///
    /// # Errors
    /// When they cannot be had under this load over this protocol.
    pub(super) fn conversation(
        &self,
        input_tokens: Lengths,
        load: &Load,
        protocol: Protocol,
    ) -> Result<Option<Conversation>, BadConversation> {
        let Some(turns) = self.turns else { return Ok(None) };
        let conversation = Conversation {
            turns,
            turn_input_tokens: self.turn_input_tokens.unwrap_or(input_tokens),
            think_time: self.think_time.unwrap_or_default(),
        };
        conversation.check(load, protocol)?;
        Ok(Some(conversation))
    }
}
