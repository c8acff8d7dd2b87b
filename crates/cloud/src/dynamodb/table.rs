//! The table itself.

use std::time::Duration;

use aws_sdk_dynamodb::client::Waiters;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TimeToLiveSpecification,
};
use store::StoreError;

use super::DynamoLedger;
use super::keys::{PK, SK};

/// Longest that AWS may take to make a table ready.
const CREATION: Duration = Duration::from_secs(120);

impl DynamoLedger {
    /// Creates the table, paid by request, and waits until it is there: a step of a deployment that has no other
    /// way to do so.
    ///
    /// # Errors
    /// When AWS refuses, also when a table of that name is there.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let mut create =
            self.client.create_table().table_name(&self.table).billing_mode(BillingMode::PayPerRequest);
        for (name, role) in [(PK, KeyType::Hash), (SK, KeyType::Range)] {
            let kind = AttributeDefinition::builder().attribute_name(name);
            let kind =
                kind.attribute_type(ScalarAttributeType::S).build().map_err(|e| self.place.other(e))?;
            let key = KeySchemaElement::builder().attribute_name(name).key_type(role).build();
            create = create.attribute_definitions(kind).key_schema(key.map_err(|e| self.place.other(e))?);
        }
        create.send().await.map_err(|e| self.place.failure(e))?;
        let there = self.client.wait_until_table_exists().table_name(&self.table).wait(CREATION).await;
        there.map_err(|_| self.place.unavailable("the table did not become active"))?;
        let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name("expires_at").build();
        let expiry = expiry.map_err(|e| self.place.other(e))?;
        let set =
            self.client.update_time_to_live().table_name(&self.table).time_to_live_specification(expiry);
        set.send().await.map_err(|e| self.place.failure(e))?;
        Ok(())
    }
}
