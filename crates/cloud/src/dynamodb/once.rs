//! Keys that are taken **once** until they expire.

use chrono::{DateTime, TimeDelta, Utc};
use store::StoreError;
use uuid::Uuid;

use super::DynamoLedger;
use super::items::{instant_value, number_value, text, text_value};
use super::keys;
use super::write::{Write, Written};

/// The call that took a key.
const TAKEN_BY: &str = "taken_by";

impl DynamoLedger {
    pub(super) async fn put_key(
        &self,
        key: &str,
        now: DateTime<Utc>,
        keep: TimeDelta,
    ) -> Result<bool, StoreError> {
        let token = Uuid::new_v4().to_string();
        let until = now + keep;
        let put = self
            .client
            .put_item()
            .table_name(&self.table)
            .set_item(Some(keys::once(key).attributes().into()))
            .item("until", instant_value(until))
            .item(TAKEN_BY, text_value(&token))
            // DynamoDB deletes it some time after; until then the condition below decides.
            .item("expires_at", number_value(until.timestamp() + 1))
            .condition_expression("attribute_not_exists(pk) OR #until <= :now")
            .expression_attribute_names("#until", "until")
            .expression_attribute_values(":now", instant_value(now));
        Ok(match self.write(Write::Put(put)).await? {
            Written::Done(_) => true,
            // An attempt of this call whose answer was lost may have taken it.
            Written::Refused(there) => there.is_some_and(|there| text(&there, TAKEN_BY) == Some(&token)),
        })
    }

    pub(super) async fn delete_key(&self, key: &str) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(&self.table);
        let delete = delete.set_key(Some(keys::once(key).attributes().into()));
        self.write(Write::Delete(delete)).await.map(|_| ())
    }
}
