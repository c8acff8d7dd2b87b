//! Values that are written as a number or, when there is more to say, as text.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{Deserializer, Error, Visitor};

/// Reads what `FromStr` reads; `expected` says what that is.
pub(crate) fn deserialize<'de, D, T>(deserializer: D, expected: &'static str) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr,
    T::Err: Display,
{
    struct NumberOrText<T>(&'static str, PhantomData<T>);

    impl<T: FromStr> NumberOrText<T>
    where
        T::Err: Display,
    {
        fn read<E: Error>(text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    impl<T: FromStr> Visitor<'_> for NumberOrText<T>
    where
        T::Err: Display,
    {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<T, E> {
            Self::read(&number.to_string())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<T, E> {
            Self::read(&number.to_string())
        }

        fn visit_f64<E: Error>(self, number: f64) -> Result<T, E> {
            Self::read(&number.to_string())
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            Self::read(text)
        }
    }

    deserializer.deserialize_any(NumberOrText(expected, PhantomData))
}
