//! Entries that are written either as a bare name or as a map with more to say: `vllm`, or
//! `{name: vllm, version: 0.32.0}`. Unlike an untagged enum this keeps the error of the form that was
//! chosen.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// An entry that can be written as its name alone.
pub(super) trait FromName: Sized {
    /// The long form.
    type Map: for<'de> Deserialize<'de> + Into<Self>;

    /// The short form.
    fn from_name(name: &str) -> Result<Self, String>;
}

pub(super) fn deserialize<'de, D: Deserializer<'de>, T: FromName>(deserializer: D) -> Result<T, D::Error> {
    struct NameOrMap<T>(PhantomData<T>);

    impl<'de, T: FromName> Visitor<'de> for NameOrMap<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a name, or a map with `name` and more")
        }

        fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
            T::from_name(name).map_err(E::custom)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::Map::deserialize(MapAccessDeserializer::new(map)).map(Into::into)
        }
    }

    deserializer.deserialize_any(NameOrMap(PhantomData))
}
