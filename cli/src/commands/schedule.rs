//! `assay campaign schedule`: campaigns that begin by the clock.

use anyhow::Result;
use chrono::Utc;

use super::{print_json, say};
use crate::arguments::{AddSchedule, ScheduleCommand};
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::schedules::Schedule;
use crate::{spec_file, tables};

/// Runs the command.
pub fn schedule(data: &DataFolder, command: &ScheduleCommand) -> Result<Exit> {
    match command {
        ScheduleCommand::Add(arguments) => add(data, arguments),
        ScheduleCommand::List { json } => list(data, *json),
        ScheduleCommand::Remove { name } => remove(data, name),
    }
}

fn add(data: &DataFolder, arguments: &AddSchedule) -> Result<Exit> {
    let spec = spec_file::read(&arguments.spec, data)?;
    spec.check().map_err(|e| Unusable(format!("{}: {e}", arguments.spec.display())))?;
    let now = Utc::now();
    let name = arguments.name.clone().unwrap_or_else(|| spec.name.clone());
    let schedule = Schedule { cron: arguments.cron.clone(), added_at: now, spec };
    let next = schedule
        .cron
        .next(now)
        .map_or_else(String::new, |at| at.format("; next at %Y-%m-%d %H:%M UTC").to_string());
    data.change_schedules(|schedules| schedules.insert(name.clone(), schedule))?;
    say(format_args!("schedule {name}: {}{next}, while `assay up` runs", arguments.cron))?;
    Ok(Exit::Done)
}

fn list(data: &DataFolder, json: bool) -> Result<Exit> {
    let schedules = data.schedules()?;
    if json {
        print_json(&schedules)?;
    } else {
        say(tables::schedules(&schedules, Utc::now()))?;
    }
    Ok(Exit::Done)
}

fn remove(data: &DataFolder, name: &str) -> Result<Exit> {
    if data.change_schedules(|schedules| schedules.remove(name))?.is_none() {
        return Err(Unusable(format!(
            "there is no schedule {name}; `assay campaign schedule list` lists them"
        ))
        .into());
    }
    say(format_args!("schedule {name} is removed; campaigns that it began go on"))?;
    Ok(Exit::Done)
}
