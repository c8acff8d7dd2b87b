//! **Packing** puts groups into batches: few of them, and as long as each other.

use domain::manifest::MAX_BATCH;
use domain::{Engine, Hardware};

use super::launch::Group;

/// What all of a batch shares: the machine, and the image, which has one engine.
type Site = (Hardware, Engine);

/// A batch that is being filled.
struct Bin<'a> {
    groups: Vec<(usize, Group<'a>)>,
    configurations: usize,
    run_s: f64,
}

/// Packs groups of one priority into batches of at most [`MAX_BATCH`] configurations and `longest_s` seconds, of one
/// hardware config and one engine each. Hardware comes in the order of its first group, and so do engines, the batches of
/// one hardware config and engine, and the groups in a batch.
///
/// The number of batches is what first-fit needs by size alone, or more where time asks for it. Then the longest group
/// goes to the batch that is shortest so far (Graham's longest processing time first), among those with room.
pub(super) fn pack(groups: Vec<Group<'_>>, longest_s: f64) -> Vec<Vec<Group<'_>>> {
    let mut by_site: Vec<(Site, Vec<(usize, Group<'_>)>)> = Vec::new();
    let parts = groups.into_iter().flat_map(|group| group.parts(MAX_BATCH, longest_s));
    for (order, group) in parts.enumerate() {
        let site = (group.server.hardware.name, group.server.framework.name);
        match by_site.iter_mut().find(|(known, _)| *known == site) {
            Some((_, groups)) => groups.push((order, group)),
            None => by_site.push((site, vec![(order, group)])),
        }
    }
    let mut batches = Vec::new();
    for (_, groups) in by_site {
        batches.extend(balance(groups, longest_s));
    }
    batches
}

fn balance<'a>(mut groups: Vec<(usize, Group<'a>)>, longest_s: f64) -> Vec<Vec<Group<'a>>> {
    let total_s: f64 = groups.iter().map(|(_, group)| group.total_s()).sum();
    let by_time = (total_s / longest_s).ceil().min(groups.len() as f64) as usize;
    let batches = first_fit(groups.iter().map(|(_, group)| group.items.len())).max(by_time).max(1);
    let empty = || Bin { groups: Vec::new(), configurations: 0, run_s: 0.0 };
    let mut bins: Vec<Bin<'a>> = (0..batches).map(|_| empty()).collect();
    groups.sort_by(|(a, x), (b, y)| y.total_s().total_cmp(&x.total_s()).then(a.cmp(b)));
    for (order, group) in groups {
        let (size, run_s) = (group.items.len(), group.total_s());
        let fits = |bin: &&mut Bin<'_>| {
            bin.configurations + size <= MAX_BATCH
                && (bin.run_s + run_s <= longest_s || bin.groups.is_empty())
        };
        let shortest = bins.iter_mut().filter(fits).min_by(|a, b| a.run_s.total_cmp(&b.run_s));
        let bin = match shortest {
            Some(bin) => bin,
            None => {
                bins.push(empty());
                let last = bins.len() - 1;
                &mut bins[last]
            }
        };
        bin.configurations += size;
        bin.run_s += run_s;
        bin.groups.push((order, group));
    }
    bins.retain(|bin| !bin.groups.is_empty());
    for bin in &mut bins {
        bin.groups.sort_by_key(|(order, _)| *order);
    }
    bins.sort_by_key(|bin| bin.groups.first().map(|(order, _)| *order));
    bins.into_iter().map(|bin| bin.groups.into_iter().map(|(_, group)| group).collect()).collect()
}

/// Batches that first-fit needs for groups of some sizes, the largest first.
fn first_fit(sizes: impl Iterator<Item = usize>) -> usize {
    let mut sizes: Vec<usize> = sizes.collect();
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    // Room left in each batch; batches that are full are dropped, so that the list stays short.
    let (mut open, mut full): (Vec<usize>, usize) = (Vec::new(), 0);
    for size in sizes {
        match open.iter_mut().find(|room| **room >= size) {
            Some(room) => *room -= size,
            None => open.push(MAX_BATCH.saturating_sub(size)),
        }
        let smallest = open.len();
        open.retain(|room| *room > 0);
        full += smallest - open.len();
    }
    full + open.len()
}
