//! Somebody who is told.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use store::{Notice, Notifier, StoreError};

/// Answers as it is scripted to, and then that it was told.
#[derive(Default)]
pub struct Scripted {
    address: String,
    errors: Mutex<VecDeque<StoreError>>,
    told: Mutex<Vec<Notice>>,
}

impl Scripted {
    pub fn new(address: &str, errors: impl IntoIterator<Item = StoreError>) -> Arc<Self> {
        let errors = Mutex::new(errors.into_iter().collect());
        Arc::new(Self { address: address.to_owned(), errors, ..Self::default() })
    }

    pub fn told(&self) -> Vec<Notice> {
        self.told.lock().unwrap().clone()
    }
}

#[async_trait]
impl Notifier for Scripted {
    fn address(&self) -> &str {
        &self.address
    }

    async fn tell(&self, notice: &Notice) -> Result<(), StoreError> {
        if let Some(error) = self.errors.lock().unwrap().pop_front() {
            return Err(error);
        }
        self.told.lock().unwrap().push(notice.clone());
        Ok(())
    }
}
