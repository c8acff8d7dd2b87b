//! **Items** are records with a key: read, queried, and turned back into records.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, SecondsFormat, Utc};
use domain::BatchId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::StoreError;

use super::keys::{self, Key};
use super::{DynamoLedger, keys::PK};

/// An item as DynamoDB has it.
pub type Item = HashMap<String, AttributeValue>;

impl DynamoLedger {
    /// A record with its key.
    pub(super) fn keyed(&self, key: &Key, record: impl Serialize) -> Result<Item, StoreError> {
        let mut item: Item = serde_dynamo::to_item(record).map_err(|e| self.place.other(e))?;
        item.extend(key.attributes());
        Ok(item)
    }

    /// The record in an item.
    pub(super) fn read<T: DeserializeOwned>(&self, item: Item) -> Result<T, StoreError> {
        let key = format!("{}/{}", text(&item, PK).unwrap_or("?"), text(&item, keys::SK).unwrap_or("?"));
        serde_dynamo::from_item(item).map_err(|e| self.unreadable(format!("{key}: {e}")))
    }

    /// What our own code cannot have written.
    pub(super) fn unreadable(&self, detail: impl ToString) -> StoreError {
        self.place.damaged(
            detail,
            "delete the item and ask for its campaign again: results are in the results store and are not repeated",
        )
    }

    pub(super) async fn get_item(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let got = self
            .client
            .get_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes().into()))
            .consistent_read(true)
            .send()
            .await;
        Ok(got.map_err(|e| self.place.failure(e))?.item)
    }

    pub(super) async fn batch_item(&self, id: &BatchId) -> Result<Option<Item>, StoreError> {
        match keys::batch(id) {
            Some(key) => self.get_item(key).await,
            None => Ok(None),
        }
    }

    /// The items of a partition whose sort key begins so, in the order of their sort keys.
    pub(super) async fn query(&self, partition: &str, begins_with: &str) -> Result<Vec<Item>, StoreError> {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        let query = query.expression_attribute_values(":pk", AttributeValue::S(partition.to_owned()));
        let query = if begins_with.is_empty() {
            query.key_condition_expression("pk = :pk")
        } else {
            query
                .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
                .expression_attribute_values(":sk", AttributeValue::S(begins_with.to_owned()))
        };
        let mut pages = query.into_paginator().send();
        let mut items = Vec::new();
        while let Some(page) = pages.next().await {
            items.extend(page.map_err(|e| self.place.failure(e))?.items.unwrap_or_default());
        }
        Ok(items)
    }
}

/// An attribute that is text.
pub fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name)?.as_s().ok().map(String::as_str)
}

/// An attribute that is a whole number.
pub fn number(item: &Item, name: &str) -> Option<u32> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

pub fn text_value(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub fn number_value(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An instant that conditions compare: text in UTC with nine decimals sorts as it is.
pub fn instant_value(instant: DateTime<Utc>) -> AttributeValue {
    AttributeValue::S(instant.to_rfc3339_opts(SecondsFormat::Nanos, true))
}

pub fn instant(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    DateTime::parse_from_rfc3339(text).map(|instant| instant.with_timezone(&Utc))
}
