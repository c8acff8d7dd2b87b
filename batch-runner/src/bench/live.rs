//! The **live view** of a bench: a few lines on the terminal that are drawn anew while it measures and are gone
//! when it is over, or a plain line now and then where there is no terminal. It is written to standard error and
//! is no result.

mod history;
mod render;
mod sparkline;

use std::convert::Infallible;
use std::io::{IsTerminal, Stderr, Write, stderr};
use std::time::Duration;

use measurement::certificate::Ceiling;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::load::progress::Progress;
use history::History;

/// Time between two drawings of the view.
const REDRAW: Duration = Duration::from_millis(250);
/// What the view's rates are of.
const RECENT: Duration = Duration::from_secs(1);
/// Time between two plain lines, and what their rates are of.
const LINE: Duration = Duration::from_secs(10);
/// Columns where the terminal does not say how many it has, and the most that are used.
const COLUMNS: usize = 80;

/// How a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Not at all.
    Nothing,
    /// A plain line now and then.
    Lines,
    /// Drawn anew several times a second.
    View,
}

impl Shown {
    /// As the arguments and standard error allow.
    pub(super) fn new(quiet: bool, json: bool) -> Self {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match (quiet, json || dumb || !stderr().is_terminal()) {
            (true, _) => Self::Nothing,
            (false, true) => Self::Lines,
            (false, false) => Self::View,
        }
    }
}

/// Shows a run until it is dropped.
pub(super) async fn show(
    progress: &Progress,
    ceiling: Option<Ceiling>,
    simulated: bool,
    shown: Shown,
) -> Infallible {
    let (every, span) = match shown {
        Shown::Nothing => return std::future::pending().await,
        Shown::Lines => (LINE, LINE),
        Shown::View => (REDRAW, RECENT),
    };
    let began = Instant::now();
    let mut history = History::new(span, ceiling);
    let mut screen = Screen { out: stderr(), lines: 0 };
    let mut ticks = interval_at(began + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        history.add(began.elapsed(), progress.look());
        let snapshot = history.snapshot(simulated);
        if shown == Shown::View {
            screen.draw(&render::view(&snapshot, columns()));
        } else {
            // Nobody has to listen.
            let _ = writeln!(stderr(), "{}", render::line(&snapshot));
        }
    }
}

fn columns() -> usize {
    let told = rustix::termios::tcgetwinsize(stderr()).map_or(0, |size| usize::from(size.ws_col));
    if told == 0 { COLUMNS } else { told.min(COLUMNS) }
}

/// Lines on a terminal that can be drawn over. They are gone when it is dropped.
struct Screen<W: Write = Stderr> {
    out: W,
    lines: usize,
}

impl<W: Write> Screen<W> {
    fn draw(&mut self, lines: &[String]) {
        // In one piece, so that no half of it is seen.
        let text = self.home() + &lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        self.lines = lines.len();
        self.write(&text);
    }

    /// To the first line, clearing all from there.
    fn home(&self) -> String {
        match self.lines {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\r\x1b[J"),
        }
    }

    fn write(&mut self, text: &str) {
        // A terminal that is gone ends nothing.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

impl<W: Write> Drop for Screen<W> {
    fn drop(&mut self) {
        self.write(&self.home());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_takes_the_place_of_the_last_and_is_gone_at_the_end() {
        let mut written = Vec::new();
        let mut screen = Screen { out: &mut written, lines: 0 };
        screen.draw(&["a".to_owned(), "b".to_owned()]);
        screen.draw(&["c".to_owned()]);
        drop(screen);
        assert_eq!(String::from_utf8(written).unwrap(), "a\nb\n\x1b[2A\r\x1b[Jc\n\x1b[1A\r\x1b[J");
    }

    #[test]
    fn where_nothing_is_drawn_nothing_is_cleared() {
        let mut written = Vec::new();
        drop(Screen { out: &mut written, lines: 0 });
        assert!(written.is_empty());
    }

    #[test]
    fn quiet_is_quiet() {
        assert_eq!(Shown::new(true, true), Shown::Nothing);
        assert_eq!(Shown::new(false, true), Shown::Lines);
    }
}
