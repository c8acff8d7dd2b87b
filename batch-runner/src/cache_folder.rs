//! The **cache folder** is where a user's programs keep what they can find again.

use std::ffi::OsString;
use std::path::PathBuf;

/// Environment variable with the folder of the user's caches. It must be a whole path.
pub const CACHE_VARIABLE: &str = "XDG_CACHE_HOME";
/// The folder in it that is ours.
const OWN_FOLDER: &str = "assay";

/// The user's folder that is ours: `$XDG_CACHE_HOME/assay`, else `~/.cache/assay`; none without a home.
pub(crate) fn own_cache_folder() -> Option<PathBuf> {
    own_folder(std::env::var_os(CACHE_VARIABLE), std::env::var_os("HOME"))
}

fn own_folder(cache: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let caches = cache.and_then(absolute).or_else(|| Some(home.and_then(absolute)?.join(".cache")));
    Some(caches?.join(OWN_FOLDER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_users() {
        let folder = |cache: &str, home: &str| own_folder(Some(cache.into()), Some(home.into()));
        assert_eq!(folder("/c", "/h"), Some("/c/assay".into()));
        assert_eq!(folder("", "/h"), Some("/h/.cache/assay".into()));
        assert_eq!(folder("relative", "/h"), Some("/h/.cache/assay".into()));
        assert_eq!(own_folder(None, None), None);
    }
}
