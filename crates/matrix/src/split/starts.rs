//! The **starts** of a launch: engines that take their whole KV cache at once cannot always be started for all workloads
//! of a launch together, though each fits alone: the most slots of one and the longest request of another may be too
//! much. Then the launch is started more than once.

use forecast::Setup;

use super::Item;
use crate::needs::{Extent, Needs, takes_cache_at_start};

/// Configurations of one launch by the start that they share, in order: each goes to the first start that has memory for
/// it beside those before it.
pub(super) fn starts<'a>(setup: &Setup<'_>, launched: bool, items: Vec<Item<'a>>) -> Vec<Vec<Item<'a>>> {
    if !(launched && takes_cache_at_start(setup.engine)) {
        return vec![items];
    }
    let mut starts: Vec<(Extent, Vec<Item<'a>>)> = Vec::new();
    for item in items {
        let own = Extent::of(item.workload);
        match starts.iter_mut().find(|(extent, _)| Needs::fit(setup, extent.with(own))) {
            Some((extent, items)) => {
                *extent = extent.with(own);
                items.push(item);
            }
            None => starts.push((own, vec![item])),
        }
    }
    starts.into_iter().map(|(_, items)| items).collect()
}
