//! What every path answers.

use catalog::request::RecommendationRequest;
use catalog::{Comparison, EstimateRequest, Estimates, Points, PriceKind, Recommendation};
use domain::{CampaignSpec, UseCase};
use formats::{ImportReport, Stated};
use schemars::SchemaGenerator;
use serde_json::{Value, json};
use store::CampaignRecord;

use super::operation::{Asker, Operation};
use super::parameters::{column, cursor, filter_and_ranges, id, limit, needed, provenance, query, sort};
use crate::routes::campaigns::{self, CampaignPage, KnownCampaign, Triggered};
use crate::routes::catalog::{self as pages, CatalogPage};
use crate::routes::configurations::{self, History, KnownConfiguration};
use crate::routes::download::TableForm;
use crate::routes::events::ProgressEvent;
use crate::routes::imports;
use crate::routes::known::{Frameworks, HardwareList, Models, UseCases};
use crate::routes::metrics::OPEN_METRICS;
use crate::routes::plan::PlannedCampaign;
use crate::routes::points;
use crate::routes::rankings::Rankings;

/// Groups of operations.
pub const TAGS: [(&str, &str); 5] = [
    ("catalog", "What was measured: pages, points, downloads, configurations"),
    ("recommendations", "What to run"),
    ("known", "What can be asked for and how much is known of it"),
    ("campaigns", "What is being measured"),
    ("server", "The server itself"),
];

type Described = (&'static str, &'static str, Operation);

/// Every method of every path.
pub fn all(g: &mut SchemaGenerator) -> Vec<Described> {
    [of_catalog(g), of_recommendations(g), of_known(g), of_campaigns(g), of_server()].concat()
}

fn of_catalog(g: &mut SchemaGenerator) -> Vec<Described> {
    let read = |id, summary| Operation::new(id, "catalog", Asker::Read, summary);
    let filters = filter_and_ranges(g);
    let page_limit = limit(0, pages::MOST_ENTRIES, pages::USUAL_PAGE);
    let skip = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    let page = read("getCatalog", "A page of the latest results of all configurations, with facets")
        .with(filters.clone())
        .with([
            sort(),
            page_limit,
            cursor(),
            query("skip", skip, "Results before the page, instead of `cursor`"),
        ])
        .answers::<CatalogPage>(g, 200, "The page");
    let mut page = page;
    for form in TableForm::ALL {
        page = page.also_answers(200, form.media_type(), table(form));
    }
    let most = limit(1, points::MOST_POINTS, points::USUAL_POINTS);
    let axis = |name, word| needed(name, column(), word);
    let found = read("getPoints", "Two numbers of every result, with the fronts of both: a scatter plot")
        .with([axis("x", "The number that lies across"), axis("y", "The number that goes up"), most])
        .with(filters.clone())
        .answers::<Points>(g, 200, "The points, in columns");
    let download = |id, summary, form: TableForm| {
        let table = (form.media_type(), table(form));
        read(id, summary)
            .with(filters.clone())
            .with([sort()])
            .answers_as(200, "The table", &[table])
            .of_catalog()
    };
    let one = id("config_id", "a configuration");
    let last = limit(1, configurations::MOST_HISTORY, configurations::USUAL_HISTORY);
    let ids = json!({"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 10});
    let mut ids = needed("id", ids, "The configurations");
    ids["explode"] = true.into();
    let price = query("price", g.subschema_for::<PriceKind>().to_value(), "Which price counts");
    let compare = read("compareConfigurations", "2 to 10 configurations side by side")
        .with([ids, price, provenance(g)])
        .answers::<Comparison>(g, 200, "The comparison")
        .of_catalog()
        .refuses(&[404]);
    let configuration = read("getConfiguration", "What is known of a configuration")
        .with([one.clone()])
        .answers::<KnownConfiguration>(g, 200, "Its latest result of each provenance")
        .refuses(&[404, 503]);
    let history =
        read("getConfigurationHistory", "Everything that was measured of a configuration, oldest first")
            .with([one, provenance(g), last])
            .answers::<History>(g, 200, "Its results")
            .refuses(&[404, 503]);
    vec![
        ("/v1/catalog", "get", page.of_catalog().refuses(&[410])),
        (
            "/v1/catalog.csv",
            "get",
            download("downloadCatalogCsv", "All results that match, as CSV", TableForm::Csv),
        ),
        (
            "/v1/catalog.parquet",
            "get",
            download("downloadCatalogParquet", "All results that match, as Parquet", TableForm::Parquet),
        ),
        ("/v1/catalog/points", "get", found.of_catalog()),
        ("/v1/configurations/{config_id}", "get", configuration),
        ("/v1/configurations/{config_id}/history", "get", history),
        ("/v1/compare", "get", compare),
    ]
}

fn table(form: TableForm) -> Value {
    match form {
        TableForm::Csv => json!({"type": "string"}),
        TableForm::Parquet => json!({"type": "string", "format": "binary"}),
    }
}

fn of_recommendations(g: &mut SchemaGenerator) -> Vec<Described> {
    let read = |id, summary| Operation::new(id, "recommendations", Asker::Read, summary);
    let request = g.subschema_for::<RecommendationRequest>().to_value();
    let estimate = g.subschema_for::<EstimateRequest>().to_value();
    let asked = json!({"use_case": "chatbot", "target_rps": 20, "max_usd_per_month": 20000,
        "bounds": [{"metric": "ttft", "statistic": "p95", "max_ms": 500}]});
    let recommend = read("recommend", "Which configurations to run, how many of them for a load, and why")
        .takes(&["application/json"], request, asked)
        .answers::<Recommendation>(g, 200, "The ranking")
        .refuses(&[422, 503]);
    let asked = json!({"use_case": "chatbot", "input_tokens": 700, "output_tokens": 150, "concurrency": 24});
    let estimate = read("estimate", "What traffic that was not measured would yield: a forecast")
        .takes(&["application/json"], estimate, asked)
        .answers::<Estimates>(g, 200, "Every launch that was measured near enough")
        .refuses(&[422, 503]);
    let use_case = query("use_case", g.subschema_for::<UseCase>().to_value(), "Of this use case");
    let rankings = read("listRankings", "Rankings as they were published, of the catalogue that is served")
        .with([use_case, provenance(g)])
        .answers::<Rankings>(g, 200, "The rankings")
        .refuses(&[503]);
    vec![
        ("/v1/rankings", "get", rankings),
        ("/v1/recommendations", "post", recommend),
        ("/v1/estimates", "post", estimate),
    ]
}

fn of_known(g: &mut SchemaGenerator) -> Vec<Described> {
    let read = |id, summary| Operation::new(id, "known", Asker::Read, summary);
    vec![
        (
            "/v1/models",
            "get",
            read("listModels", "Models that ship with Assay or were measured")
                .answers::<Models>(g, 200, "Models")
                .of_catalog(),
        ),
        (
            "/v1/hardware",
            "get",
            read("listHardware", "Hardware configs with what they are rented as")
                .answers::<HardwareList>(g, 200, "Hardware configs")
                .of_catalog(),
        ),
        (
            "/v1/frameworks",
            "get",
            read("listFrameworks", "Engines").answers::<Frameworks>(g, 200, "Engines").of_catalog(),
        ),
        (
            "/v1/use-cases",
            "get",
            read("listUseCases", "Use cases with what is usual for them")
                .answers::<UseCases>(g, 200, "Use cases")
                .of_catalog(),
        ),
    ]
}

fn of_campaigns(g: &mut SchemaGenerator) -> Vec<Described> {
    let operation = |id, asker, summary| Operation::new(id, "campaigns", asker, summary);
    let spec = g.subschema_for::<CampaignSpec>().to_value();
    let forms = ["application/yaml", "application/json"];
    let one = || id("id", "a campaign");
    let control = |g: &mut SchemaGenerator, name, summary| {
        operation(name, Asker::Run, summary)
            .with([one()])
            .answers::<CampaignRecord>(g, 202, "The campaign")
            .refuses(&[404, 409, 503])
    };
    let report = |name, summary, media_type: &'static str, schema: Value| {
        operation(name, Asker::Read, summary)
            .with([one()])
            .answers_as(200, "The report", &[(media_type, schema)])
            .leads_elsewhere("Where the report is, when it is too large to be carried, as on AWS Lambda")
            .refuses(&[404, 503])
    };
    let list = operation("listCampaigns", Asker::Read, "Campaigns, newest first")
        .with([limit(1, campaigns::MOST_CAMPAIGNS, campaigns::USUAL_PAGE), cursor()])
        .answers::<CampaignPage>(g, 200, "A page of campaigns")
        .refuses(&[410, 503]);
    let create = operation("createCampaign", Asker::Run, "Measure the matrix of a spec, or go on with it")
        .takes(&forms, spec.clone(), Value::Null)
        .answers::<Triggered>(g, 202, "It begins or goes on")
        .refuses(&[503]);
    let plan = operation(
        "planCampaign",
        Asker::Read,
        "What a spec would run and take, by the forecast; nothing is stored",
    )
    .takes(&forms, spec, Value::Null)
    .answers::<PlannedCampaign>(g, 200, "The plan")
    .refuses(&[503]);
    let campaign = operation("getCampaign", Asker::Read, "How far a campaign is")
        .with([one()])
        .answers::<KnownCampaign>(g, 200, "The campaign with its batches")
        .refuses(&[404, 503]);
    let last = json!({"name": "last-event-id", "in": "header", "schema": {"type": "string"},
        "description": "The id of the event that was told last"});
    let data = g.subschema_for::<ProgressEvent>().to_value();
    let stream = json!({"type": "string", "contentMediaType": "text/event-stream",
        "description": "`event: progress` on every change and `event: ended` at the end; `data` is a ProgressEvent",
        "contentSchema": data});
    let events = operation("followCampaign", Asker::Read, "The progress of a campaign as a stream of events")
        .with([one(), last])
        .answers_as(200, "The stream", &[("text/event-stream", stream)])
        .refuses(&[404, 503]);
    let stated = g.subschema_for::<Stated>();
    drop(stated);
    let fields = g.definitions().get("Stated").cloned().unwrap_or_default();
    let text = |name: &str| {
        let description = fields["properties"][name]["description"].as_str().unwrap_or_default();
        query(name, json!({"type": "string"}), description)
    };
    let import = operation(
        "importResults",
        Asker::Run,
        "Take in a file with results of another store or of another tool",
    )
    .with([query("name", json!({"type": "string"}), "What the file is called")])
    .with(imports::STATED.map(text))
    .takes(&["application/octet-stream", "application/json"], json!({}), Value::Null)
    .answers::<ImportReport>(g, 200, "Nothing new: it was there already, or `asks` must be stated first")
    .answers::<ImportReport>(g, 201, "What was taken in")
    .refuses(&[422, 503]);
    vec![
        ("/v1/imports", "post", import),
        ("/v1/campaigns", "get", list),
        ("/v1/campaigns", "post", create),
        ("/v1/campaigns/plan", "post", plan),
        ("/v1/campaigns/{id}", "get", campaign),
        ("/v1/campaigns/{id}/events", "get", events),
        (
            "/v1/campaigns/{id}/pause",
            "post",
            control(g, "pauseCampaign", "Nothing of the campaign runs until it is resumed"),
        ),
        ("/v1/campaigns/{id}/resume", "post", control(g, "resumeCampaign", "A paused campaign goes on")),
        (
            "/v1/campaigns/{id}/cancel",
            "post",
            control(g, "cancelCampaign", "Nothing more of the campaign runs; what was measured is kept"),
        ),
        (
            "/v1/campaigns/{id}/report",
            "get",
            report(
                "getReport",
                "The report with all of its numbers",
                "application/json",
                json!({"type": "object"}),
            ),
        ),
        (
            "/v1/campaigns/{id}/report.html",
            "get",
            report("getReportHtml", "The report as a page", "text/html", json!({"type": "string"})),
        ),
        (
            "/v1/campaigns/{id}/report.pdf",
            "get",
            report(
                "getReportPdf",
                "The report for print",
                "application/pdf",
                json!({"type": "string", "format": "binary"}),
            ),
        ),
    ]
}

fn of_server() -> Vec<Described> {
    let anybody = |id, summary| Operation::new(id, "server", Asker::Anybody, summary);
    let text = || [("text/plain", json!({"const": "ok"}))];
    let ready =
        anybody("isReady", "Whether questions are answered").answers_as(200, "ok", &text()).refuses(&[503]);
    let document = anybody("getOpenApi", "This document").answers_as(
        200,
        "The document",
        &[("application/json", json!({"type": "object"}))],
    );
    let metrics = Operation::new(
        "getMetrics",
        "server",
        Asker::Read,
        "Requests, kept answers and the age of the catalogue",
    )
    .answers_as(200, "OpenMetrics", &[(OPEN_METRICS, json!({"type": "string"}))]);
    vec![
        ("/metrics", "get", metrics),
        ("/healthz", "get", anybody("isHealthy", "Whether the server runs").answers_as(200, "ok", &text())),
        ("/readyz", "get", ready),
        ("/openapi.json", "get", document),
    ]
}
