//! `assay`: runs campaigns on one machine, hosts the functions, and answers questions.

mod arguments;
mod campaign_progress;
mod commands;
mod data_folder;
mod exit;
mod fetch;
mod functions;
mod gpus;
mod harness;
mod host;
mod jobs;
mod keys;
mod live_line;
mod page;
mod planned;
mod schedules;
mod spec_file;
mod tables;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::init();
    let arguments = Arguments::parse();
    let data = data_folder::DataFolder {
        root: arguments.data,
        results: arguments.store,
        ledger: arguments.ledger,
        objects: arguments.objects,
        notify: arguments.notify,
        public_url: arguments.public_url,
    };
    let outcome = match arguments.command {
        Command::Run(run) => commands::run::run(&data, &run).await,
        Command::Campaign(command) => commands::campaign::campaign(&data, &command).await,
        Command::Report(report) => commands::report::report(&data, &report).await,
        Command::Results(results) => commands::results::results(&data, &results).await,
        Command::Import(import) => commands::import::import(&data, &import).await,
        Command::Recommend(recommend) => commands::recommend::recommend(&data, &recommend).await,
        Command::Compare(compare) => commands::compare::compare(&data, &compare).await,
        Command::History(history) => commands::history::history(&data, &history).await,
        Command::Completion(completion) => commands::completion::completion(&completion),
        Command::Estimate(estimate) => commands::estimate::estimate(&data, &estimate).await,
        Command::Model(model) => commands::model::model(&data, &model),
        Command::Prices(prices) => commands::prices::prices(&prices),
        Command::Db(db) => commands::db::db(&data, &db).await,
        Command::Key(key) => commands::key::key(&key),
        Command::Up(up) => commands::up::up(&data, &up).await,
        Command::Stage(stage) => commands::stage::stage(&data, &stage).await,
    };
    exit::report(outcome)
}
