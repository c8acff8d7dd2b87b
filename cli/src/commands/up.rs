//! `assay up`: the HTTP API and the page, with every function hosted beside them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use async_trait::async_trait;
use chrono::Utc;
use cloud::open::open_hot_results;
use domain::{CampaignId, CampaignSpec};
use serve_api::{
    BadSettings, CampaignTrigger, CurrentSnapshot, Measures, Publishing, Settings, Stated, TriggerError,
};
use store::{HotAnswers, StoreError};
use trigger_campaign::Repeat;

use super::progress;
use crate::arguments::Up;
use crate::data_folder::DataFolder;
use crate::exit::{Exit, Unusable};
use crate::functions::Functions;
use crate::host::Host;
use crate::page::with_page;
use crate::schedules::begin_due;

/// Connects the API to the function that starts campaigns.
struct Trigger(trigger_campaign::Context);

#[async_trait]
impl CampaignTrigger for Trigger {
    async fn trigger(&self, spec: &CampaignSpec) -> Result<CampaignId, TriggerError> {
        use trigger_campaign::HandlerError;
        match trigger_campaign::handle(&self.0, spec, Repeat::Continue, Utc::now()).await {
            Ok(triggered) => Ok(triggered.campaign().id.clone()),
            Err(HandlerError::Spec(e)) => Err(e.into()),
            Err(HandlerError::Store(e)) => Err(e.into()),
            Err(e) => Err(StoreError::Other { place: "the spec".to_owned(), source: Box::new(e) }.into()),
        }
    }
}

/// Connects the API to the function that publishes the catalogue.
struct Publish(Functions);

#[async_trait]
impl Publishing for Publish {
    async fn imported(&self) -> Result<(), StoreError> {
        let Functions { stores, ledger, objects, .. } = &self.0;
        let published = publish_catalog::refresh(stores, ledger.as_ref(), objects.as_ref(), Utc::now()).await;
        let failed =
            |source| StoreError::Other { place: "the catalogue".to_owned(), source: Box::new(source) };
        published.map(drop).map_err(failed)
    }
}

/// How often it is looked what is due.
const TICK: Duration = Duration::from_secs(1);

/// Begins campaigns by the clock, for ever. Schedules are read anew each time, so that one that is added counts at once.
async fn begin_scheduled(data: DataFolder, context: trigger_campaign::Context) {
    let mut failed = BTreeMap::new();
    loop {
        let begun = match data.schedules() {
            Ok(schedules) => begin_due(&context, &schedules, Utc::now()).await,
            Err(error) => vec![("schedules.json".to_owned(), Err(error))],
        };
        for (name, triggered) in begun {
            match triggered {
                Ok(triggered) => {
                    progress(format_args!("schedule {name}: campaign {}", triggered.campaign().id));
                }
                Err(error) => {
                    // Told once, and again when it is another one.
                    let told = format!("{error:#}");
                    if failed.insert(name, told.clone()).as_ref() != Some(&told) {
                        tracing::error!("{told}");
                    }
                }
            }
        }
        tokio::time::sleep(TICK).await;
    }
}

/// A task that ends when nobody waits for it.
struct AbortOnDropHandle(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDropHandle {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What is wanted of the server. Where others can reach it, they have keys.
fn settings(arguments: &Up) -> Result<Settings> {
    let stated = Stated {
        keys: arguments.keys.clone().filter(|keys| !keys.is_empty()),
        jwks: arguments.jwks.clone(),
        jwt_issuer: arguments.jwt_issuer.clone(),
        jwt_audience: arguments.jwt_audience.clone(),
        rate_limit: arguments.rate_limit,
        origins: arguments.cors_origins.iter().filter(|origin| !origin.is_empty()).cloned().collect(),
    };
    let settings = Settings::of(stated, cloud::small_file::text).map_err(|bad| match bad {
        BadSettings::File { .. } => anyhow::Error::from(bad),
        bad => Unusable(bad.to_string()).into(),
    })?;
    if settings.access.is_open() && !arguments.listen.ip().is_loopback() {
        let mend = format!(
            "{} can be reached by others, who could start campaigns: make a key with `assay key new NAME --scope admin` and \
             give its file by --keys, or listen on 127.0.0.1",
            arguments.listen
        );
        return Err(Unusable(mend).into());
    }
    Ok(settings)
}

/// Serves until interrupted.
pub async fn up(data: &DataFolder, arguments: &Up) -> Result<Exit> {
    let settings = settings(arguments)?;
    let closing = settings.streams.closing.clone();
    let host = Host::with_dispatcher(data, arguments.dispatcher.as_deref()).await?;
    let context = serve_api::Context {
        ledger: host.functions.ledger.clone(),
        results: host.functions.stores.results.clone(),
        rollups: host.functions.stores.rollups.clone(),
        objects: host.functions.objects.clone(),
        hot: HotAnswers::new(open_hot_results(&arguments.hot)?),
        snapshot: Arc::new(CurrentSnapshot::new(
            host.functions.stores.results.clone(),
            host.functions.objects.clone(),
        )),
        bus: host.bus.clone(),
        market: host.functions.dispatcher.clone(),
        trigger: Arc::new(Trigger(host.functions.trigger())),
        publishing: Arc::new(Publish(host.functions.clone())),
        settings,
        measures: Measures::default(),
    };
    let listener = tokio::net::TcpListener::bind(arguments.listen).await.with_context(|| {
        format!("cannot listen on {}; choose another address with --listen", arguments.listen)
    })?;
    host.catch_up().await?;
    host.functions.settle_held().await?;
    for campaign in trigger_campaign::resume_unfinished(&host.functions.trigger(), Utc::now()).await? {
        progress(format_args!("campaign {} goes on where it stopped", campaign.id));
    }
    progress(format_args!("serving on http://{}; stop with Ctrl-C", listener.local_addr()?));
    let interrupted = async move {
        super::run::interrupted().await;
        closing.cancel();
    };
    // Who is not known by a key is told apart by address.
    let service = with_page(serve_api::router(context)).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(interrupted);
    let _schedules = AbortOnDropHandle(tokio::spawn(begin_scheduled(data.clone(), host.functions.trigger())));
    // A task of its own, so that questions are answered while an event is handled.
    let mut server = tokio::spawn(server.into_future());
    loop {
        match host.deliver_until(None, &mut server).await {
            Ok(served) => break served.context("the server ended early")??,
            // Questions are still answered, and the campaign goes on when it is asked for again.
            Err(error) => tracing::error!("{error:#}"),
        }
    }
    host.shut_down().await;
    Ok(Exit::Done)
}
