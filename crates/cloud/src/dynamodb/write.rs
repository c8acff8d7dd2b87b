//! **Writes** with conditions, alone or several at once, and what becomes of them when others write the same.

use std::time::Duration;

use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{CancellationReason, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use store::StoreError;

use super::DynamoLedger;
use super::items::Item;
use crate::aws::back_off;

/// Times that a write is sent while others write the same items.
const CONTENDED_SENDS: u32 = 8;

/// Longest wait after the first of them; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(10);

/// One write with a condition.
#[derive(Clone)]
pub enum Write {
    Put(PutItemFluentBuilder),
    Update(UpdateItemFluentBuilder),
    Delete(DeleteItemFluentBuilder),
}

/// What became of a write.
pub enum Written {
    /// It was done. The item is what the write was asked to return.
    Done(Item),
    /// Its condition did not hold. The item is as it is, if there is one.
    Refused(Option<Item>),
}

/// What became of a transaction.
pub enum Transacted {
    /// It was done.
    Done,
    /// The condition of the write with this position, the first of them, did not hold.
    Refused(usize, Option<Item>),
}

macro_rules! sent {
    ($self:ident, $request:expr, $error:ident) => {
        match $request
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await
        {
            Ok(done) => Ok(Some(Written::Done(done.attributes.unwrap_or_default()))),
            Err(error) => match error.as_service_error() {
                Some($error::ConditionalCheckFailedException(refused)) => {
                    Ok(Some(Written::Refused(refused.item.clone().filter(|item| !item.is_empty()))))
                }
                Some($error::TransactionConflictException(_)) => Ok(None),
                _ => Err($self.place.failure(error)),
            },
        }
    };
}

impl DynamoLedger {
    /// Writes, again and again while others write the same item.
    pub(super) async fn write(&self, write: Write) -> Result<Written, StoreError> {
        for send in 0..CONTENDED_SENDS {
            back_off(FIRST_WAIT, send).await;
            if let Some(written) = self.send(write.clone()).await? {
                return Ok(written);
            }
        }
        Err(self.contended())
    }

    /// `None` when somebody's transaction writes the same item.
    async fn send(&self, write: Write) -> Result<Option<Written>, StoreError> {
        match write {
            Write::Put(put) => sent!(self, put, PutItemError),
            Write::Update(update) => sent!(self, update, UpdateItemError),
            Write::Delete(delete) => sent!(self, delete, DeleteItemError),
        }
    }

    /// Writes all or nothing.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<Transacted, StoreError> {
        for send in 0..CONTENDED_SENDS {
            back_off(FIRST_WAIT, send).await;
            let transaction = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            let error = match transaction.send().await {
                Ok(_) => return Ok(Transacted::Done),
                Err(error) => error,
            };
            match error.as_service_error() {
                Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                    if let Some(refused) = self.why(cancelled.cancellation_reasons())? {
                        return Ok(refused);
                    }
                }
                _ => return Err(self.place.failure(error)),
            }
        }
        Err(self.contended())
    }

    /// Why a transaction was cancelled: `None` when it may be sent again. A condition that did not hold weighs
    /// more than a conflict, since it was checked against what is stored.
    fn why(&self, reasons: &[CancellationReason]) -> Result<Option<Transacted>, StoreError> {
        let code = |reason: &CancellationReason| reason.code().unwrap_or("None").to_owned();
        if let Some(position) = reasons.iter().position(|r| code(r) == "ConditionalCheckFailed") {
            let item = reasons.get(position).and_then(|r| r.item.clone()).filter(|item| !item.is_empty());
            return Ok(Some(Transacted::Refused(position, item)));
        }
        let passing = ["None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
        match reasons.iter().find(|r| !passing.contains(&code(r).as_str())) {
            None => Ok(None),
            Some(reason) => {
                let told = format!("{}: {}", code(reason), reason.message().unwrap_or("no message"));
                Err(self.place.other(told))
            }
        }
    }

    fn contended(&self) -> StoreError {
        self.place.unavailable(format!("others kept writing the same items, {CONTENDED_SENDS} times"))
    }
}
