//! What `--help` shows at its end: commands as people type them. A test reads every one.

pub const ASSAY: &str = "\
Examples:
  assay run --plan spec.yaml        # what would run, and what it would take
  assay run spec.yaml               # measure it, or go on where it stopped
  assay recommend --use-case chatbot
  assay completion bash             # print completions for a shell

Every command has its own examples: assay run --help";

pub const RUN: &str = "\
Examples:
  assay run --plan spec.yaml        # a forecast; nothing is started
  assay run spec.yaml               # the same command goes on after Ctrl-C
  assay run --due --newer-than 30d --engine-version vllm=0.11.2 spec.yaml
  assay run --again --json spec.yaml";

pub const CAMPAIGNS: &str = "\
Examples:
  assay campaign list
  assay campaign list --json";

pub const SHOW: &str = "\
Examples:
  assay campaign show demo-163ef6fe
  assay campaign show --follow demo-163ef6fe
  assay campaign show --json demo-163ef6fe";

pub const PAUSE: &str = "\
Examples:
  assay campaign pause demo-163ef6fe
  assay --ledger dynamodb://assay-trial-ledger \\
      campaign pause demo-163ef6fe --bus eventbridge://assay-trial-events";

pub const RESUME: &str = "\
Examples:
  assay campaign resume demo-163ef6fe
  assay --ledger dynamodb://assay-trial-ledger \\
      campaign resume demo-163ef6fe --bus eventbridge://assay-trial-events";

pub const CANCEL: &str = "\
Examples:
  assay campaign cancel demo-163ef6fe";

pub const RETRY: &str = "\
Examples:
  assay campaign retry demo-163ef6fe";

pub const ADD_SCHEDULE: &str = "\
Examples:
  assay campaign schedule add spec.yaml --cron \"0 3 * * *\"
  assay campaign schedule add spec.yaml --cron \"0 3 * * MON\" --name weekly";

pub const SCHEDULES: &str = "\
Examples:
  assay campaign schedule list";

pub const REMOVE_SCHEDULE: &str = "\
Examples:
  assay campaign schedule remove weekly";

pub const REPORT: &str = "\
Examples:
  assay report demo-163ef6fe --out report.html
  assay report demo-163ef6fe --pdf --out report.pdf
  assay report demo-163ef6fe --json";

pub const RESULTS: &str = "\
Examples:
  assay results
  assay results --campaign demo-163ef6fe
  assay results --provenance measured --json
  assay results --format parquet --out results.parquet";

pub const IMPORT: &str = "\
Examples:
  assay import results.json         # of another store
  assay import --hardware h100x1 --model qwen3-8b vllm-bench.json
  assay import --format aiperf --use-case chatbot profile_export_aiperf.json";

pub const RECOMMEND: &str = "\
Examples:
  assay recommend --use-case chatbot
  assay recommend --use-case chatbot --max-ttft-p90 300ms --max tpot_p95=40ms
  assay recommend --use-case qa --target-rps 20 --max-usd-per-month 9000
  assay recommend --use-case qa --model qwen3-8b --engine vllm --engine sglang
  assay recommend --use-case chatbot --min-accuracy task_accuracy=0.6 --no-slo
  assay recommend --use-case chatbot --weights latency=3,cost=1
  assay recommend --use-case chatbot --method pareto --limit 30
  assay recommend --use-case chatbot --method lexicographic \\
      --order ttft_p90:5%,serving_cost_per_mtok
  assay recommend --input-tokens 700 --output-tokens 150 --concurrency 24
  assay recommend --use-case chatbot --provenance simulated   # of the demo

Where nothing fits it says what each bound alone would have to be. How the
methods work: docs/ranking.md.";

pub const COMPARE: &str = "\
Examples:
  assay compare f877fcae 0a1b2c3d
  assay compare f877fcae 0a1b2c3d 99aabbcc --price on-demand --json";

pub const HISTORY: &str = "\
Examples:
  assay history f877fcae
  assay history f877fcae --provenance measured --limit 10";

pub const ESTIMATE: &str = "\
Examples:
  assay estimate --use-case chatbot --input-tokens 700 --output-tokens 150 \\
      --concurrency 24
  assay estimate --use-case qa --input-tokens 3000 --output-tokens 100 \\
      --concurrency 8 --model qwen3-8b --price on-demand";

pub const ADD_MODEL: &str = "\
Examples:
  assay model add https://huggingface.co/Qwen/Qwen3-8B/raw/main/config.json
  assay model add ./my-model/config.json --name my-model";

pub const MODELS: &str = "\
Examples:
  assay model list";

pub const PRICES: &str = "\
Examples:
  assay prices list";

pub const INSTANCES: &str = "\
Examples:
  assay prices instances";

pub const SPOT: &str = "\
Examples:
  assay prices spot < history.json > crates/domain/data/spot_prices.yaml";

pub const UP: &str = "\
Examples:
  assay up                          # http://127.0.0.1:8700
  assay up --listen 0.0.0.0:8700 --keys assay-keys.json --hot redis://cache:6379
  assay up --jwks https://id.example/jwks.json --jwt-issuer https://id.example \\
      --jwt-audience assay";

pub const NEW_KEY: &str = "\
Examples:
  assay key new dashboard                      # may read
  assay key new nightly --scope run --file assay-keys.json";

pub const COMPLETION: &str = "\
Examples:
  assay completion bash > ~/.local/share/bash-completion/completions/assay
  assay completion zsh > ~/.zfunc/_assay      # with ~/.zfunc in $fpath
  assay completion fish > ~/.config/fish/completions/assay.fish";

pub const MIGRATE: &str = "\
Examples:
  assay --store postgres://assay@db/assay db migrate";

pub const DOCTOR: &str = "\
Examples:
  assay db doctor
  assay --store postgres://assay@db/assay db doctor --hot redis://cache:6379";

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use crate::arguments::Arguments;

    /// The commands of a text, each as its words: without a prompt, a comment or a redirection, and with lines that a
    /// backslash continues as one.
    fn commands(help: &str) -> Vec<Vec<String>> {
        let joined = help.replace("\\\n", " ");
        let lines = joined.lines().map(str::trim).filter(|line| line.starts_with("assay "));
        lines
            .map(|line| {
                let quoted = line.split('"').enumerate();
                let words = quoted.flat_map(|(at, part)| match at % 2 {
                    0 => part.split_whitespace().map(str::to_owned).collect::<Vec<_>>(),
                    _ => vec![part.to_owned()],
                });
                words.take_while(|word| !["#", "<", ">"].contains(&word.as_str())).collect()
            })
            .collect()
    }

    fn leaves(command: &clap::Command) -> Vec<&clap::Command> {
        let shown = command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help");
        let below: Vec<&clap::Command> = shown.flat_map(leaves).collect();
        if below.is_empty() { vec![command] } else { below }
    }

    #[test]
    fn every_command_has_examples_that_it_understands() {
        let mut assay = Arguments::command();
        assay.build();
        for command in leaves(&assay).into_iter().chain([&assay]) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let commands = commands(&help);
            assert!(!commands.is_empty(), "{} has no examples", command.get_name());
            for words in commands {
                assert!(words.iter().any(|word| word == command.get_name()), "{words:?}");
                let read = Arguments::try_parse_from(&words);
                assert!(read.is_ok(), "{words:?}: {}", read.unwrap_err());
            }
            for line in help.lines() {
                assert!(line.chars().count() <= 80, "{line}");
            }
        }
    }
}
