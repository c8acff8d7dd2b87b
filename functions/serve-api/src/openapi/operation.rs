//! An **operation** is one method of one path, put together piece by piece.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// Everybody, always.
    Anybody,
    /// Whoever may read.
    Read,
    /// Whoever may have something run.
    Run,
}

/// One method of one path.
#[derive(Debug, Clone)]
pub struct Operation {
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    asker: Asker,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: Map<String, Value>,
}

impl Operation {
    /// An operation that answers nothing yet.
    pub fn new(id: &'static str, tag: &'static str, asker: Asker, summary: &'static str) -> Self {
        Self { id, tag, summary, asker, parameters: Vec::new(), body: None, answers: Map::new() }
    }

    /// With parameters.
    pub fn with(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// With a body in any of some forms.
    pub fn takes(mut self, media_types: &[&str], schema: Value, example: Value) -> Self {
        let form = |media_type: &&str| {
            let mut content = json!({"schema": schema});
            if !example.is_null() {
                content["example"] = example.clone();
            }
            ((*media_type).to_owned(), content)
        };
        let content: Map<String, Value> = media_types.iter().map(form).collect();
        self.body = Some(json!({"required": true, "content": content}));
        self
    }

    /// Answers JSON of a type.
    pub fn answers<T: JsonSchema>(self, g: &mut SchemaGenerator, status: u16, description: &str) -> Self {
        let schema = g.subschema_for::<T>().to_value();
        self.answers_as(status, description, &[("application/json", schema)])
    }

    /// Answers in any of some forms.
    pub fn answers_as(mut self, status: u16, description: &str, forms: &[(&str, Value)]) -> Self {
        let form =
            |(media_type, schema): &(&str, Value)| ((*media_type).to_owned(), json!({"schema": schema}));
        let content: Map<String, Value> = forms.iter().map(form).collect();
        let headers = json!({"x-request-id": {"$ref": "#/components/headers/RequestId"}});
        let answer = json!({"description": description, "headers": headers, "content": content});
        self.answers.insert(status.to_string(), answer);
        self
    }

    /// Answers in one more form.
    pub fn also_answers(mut self, status: u16, media_type: &str, schema: Value) -> Self {
        if let Some(answer) = self.answers.get_mut(&status.to_string()) {
            answer["content"][media_type] = json!({"schema": schema});
        }
        self
    }

    /// May answer with a place elsewhere, where the answer can be read for some minutes.
    pub fn leads_elsewhere(mut self, description: &str) -> Self {
        let location =
            json!({"description": "A URL that is valid for five minutes", "schema": {"type": "string"}});
        let headers =
            json!({"x-request-id": {"$ref": "#/components/headers/RequestId"}, "location": location});
        self.answers.insert("303".to_owned(), json!({"description": description, "headers": headers}));
        self
    }

    /// Answers from the catalogue: with its headers, and `304` to whoever has it.
    pub fn of_catalog(mut self) -> Self {
        for answer in self.answers.values_mut().filter(|answer| answer.get("content").is_some()) {
            for (name, header) in [
                ("etag", "Etag"),
                ("x-results-revision", "Revision"),
                ("x-catalog", "Source"),
                ("warning", "Warning"),
            ] {
                answer["headers"][name] = json!({"$ref": format!("#/components/headers/{header}")});
            }
        }
        self.answers.insert("304".to_owned(), json!({"$ref": "#/components/responses/NotModified"}));
        self.parameters.push(json!({"name": "if-none-match", "in": "header", "schema": {"type": "string"},
            "description": "The `etag` of an answer that is there already"}));
        self.refuses(&[503])
    }

    /// Refuses with problems of some statuses.
    pub fn refuses(mut self, statuses: &[u16]) -> Self {
        for status in statuses {
            self.answers.insert(status.to_string(), json!({"$ref": "#/components/responses/Problem"}));
        }
        self
    }

    /// As it is written.
    pub fn written(mut self, path: &str) -> Value {
        let closed = self.asker != Asker::Anybody;
        let mut usual = vec![500, 504];
        usual.extend(closed.then_some([401, 403, 429]).into_iter().flatten());
        usual.extend((closed || path.contains('{')).then_some(400));
        // A body, or on AWS Lambda an answer, that is too large.
        usual.extend((closed || self.body.is_some()).then_some(413));
        self = self.refuses(&usual);
        let mut written = json!({
            "operationId": self.id,
            "tags": [self.tag],
            "summary": self.summary,
            "responses": self.answers,
            "security": [],
        });
        if closed {
            let scope = if self.asker == Asker::Run { "run" } else { "read" };
            written["description"] = format!("Needs the scope `{scope}` where keys are configured.").into();
            written["security"] = json!([{}, {"key": []}, {"header": []}]);
        }
        if !self.parameters.is_empty() {
            written["parameters"] = self.parameters.into();
        }
        if let Some(body) = self.body {
            written["requestBody"] = body;
        }
        written
    }
}
