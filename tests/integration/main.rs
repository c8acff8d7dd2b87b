//! Tests over the whole project.

mod layering;
mod pipeline;
