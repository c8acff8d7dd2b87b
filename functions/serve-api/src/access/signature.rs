//! The **signature** of a token (JWS, RFC 7515) is checked with a published key (JWK, RFC 7517) by ring, which TLS uses as well.
//! A token that names a shared secret as its algorithm, or none, is refused: public keys are no secrets.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RsaParameters, RsaPublicKeyComponents,
    UnparsedPublicKey, VerificationAlgorithm,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The keys of an issuer. One of a kind that is not known here is passed over.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// A public key.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct PublicKey {
    kid: Option<String>,
    /// The algorithm that it is for alone, where it says so.
    alg: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    #[serde(flatten)]
    numbers: Numbers,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kty")]
enum Numbers {
    #[serde(rename = "RSA")]
    Rsa { n: String, e: String },
    #[serde(rename = "EC")]
    Curve { crv: String, x: String, y: String },
    #[serde(rename = "OKP")]
    Edwards { crv: String, x: String },
}

impl KeySet {
    /// The key of a name; without a name that of an issuer with one key.
    pub(super) fn find(&self, name: Option<&str>) -> Option<PublicKey> {
        let keys = self.keys.iter().filter_map(|key| PublicKey::deserialize(key).ok());
        let mut signing = keys.filter(|key| key.purpose.as_deref().is_none_or(|purpose| purpose == "sig"));
        match name {
            Some(name) => signing.find(|key| key.kid.as_deref() == Some(name)),
            None => signing.next().filter(|_| signing.next().is_none()),
        }
    }
}

/// What stands before a token's claims.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    alg: String,
    pub(super) kid: Option<String>,
    /// What must be understood. Nothing of it is.
    crit: Option<serde_json::Value>,
}

/// A token in its three parts.
pub(super) struct Token<'a> {
    pub(super) header: Header,
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
}

impl<'a> Token<'a> {
    /// None when it is no token.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = json(header)?;
        let known = header.crit.is_none() && !claims.contains('.');
        known.then_some(())?;
        Some(Self { header, signed, claims, signature: decoded(signature)? })
    }

    /// What it says, if a key signed it.
    pub(super) fn claims<T: DeserializeOwned>(&self, key: &PublicKey) -> Option<T> {
        let algorithm = self.header.alg.as_str();
        let of_key = key.alg.as_deref().is_none_or(|own| own == algorithm);
        (of_key && key.signed(algorithm, self.signed.as_bytes(), &self.signature)).then_some(())?;
        json(self.claims)
    }
}

impl PublicKey {
    fn signed(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        let signed = || match &self.numbers {
            Numbers::Rsa { n, e } => {
                let key = RsaPublicKeyComponents { n: decoded(n)?, e: decoded(e)? };
                key.verify(rsa(algorithm)?, message, signature).ok()
            }
            Numbers::Curve { crv, x, y } => {
                // Both numbers in whole follow the mark of an uncompressed point.
                let point = [vec![4], decoded(x)?, decoded(y)?].concat();
                UnparsedPublicKey::new(curve(algorithm, crv)?, point).verify(message, signature).ok()
            }
            Numbers::Edwards { crv, x } => {
                (algorithm == "EdDSA" && crv == "Ed25519").then_some(())?;
                UnparsedPublicKey::new(&ED25519, decoded(x)?).verify(message, signature).ok()
            }
        };
        signed().is_some()
    }
}

fn rsa(algorithm: &str) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        "RS256" => &RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &RSA_PSS_2048_8192_SHA256,
        "PS384" => &RSA_PSS_2048_8192_SHA384,
        "PS512" => &RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

fn curve(algorithm: &str, curve: &str) -> Option<&'static dyn VerificationAlgorithm> {
    Some(match (algorithm, curve) {
        ("ES256", "P-256") => &ECDSA_P256_SHA256_FIXED,
        ("ES384", "P-384") => &ECDSA_P384_SHA384_FIXED,
        _ => return None,
    })
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn json<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_slice(&decoded(text)?).ok()
}
