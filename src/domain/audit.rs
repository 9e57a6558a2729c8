//! The audit trail: records, and the chain of hashes that shows any edit, gap or cut.

use sha2::{Digest as _, Sha256};

/// What the first record is chained to.
pub const START: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What was done, before it is chained.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    /// When, UTC seconds.
    pub at: i64,
    /// Who: `account:ID`, `key:ID`, `administrator`, `anonymous`, `system`.
    pub actor: String,
    /// What, such as `reservation.create`.
    pub action: &'static str,
    /// On what, such as `reservation:ID`.
    pub object: String,
    /// The state before, as JSON without personal data.
    pub before: Option<String>,
    /// The state after, as JSON without personal data.
    pub after: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
}

/// A record as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Record {
    /// Its place in the chain, counted from 1 without gaps.
    pub number: i64,
    /// When, UTC seconds.
    pub at: i64,
    /// Who.
    pub actor: String,
    /// What.
    pub action: String,
    /// On what.
    pub object: String,
    /// The state before.
    pub before: Option<String>,
    /// The state after.
    pub after: Option<String>,
    /// From which address.
    pub address: Option<String>,
    /// By which request.
    pub request_id: Option<String>,
    /// The hash of the record before, [`START`] for the first.
    pub previous_hash: String,
    /// The hash of this record, see [`Record::expected_hash`].
    pub hash: String,
}

/// What is wrong with a chain.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Broken {
    /// A record was changed.
    #[error("record {0} was changed after it was written")]
    Changed(i64),
    /// Records are missing before this one.
    #[error("records are missing before record {0}")]
    Missing(i64),
    /// The record does not follow the one before it.
    #[error("record {0} does not follow the record before it")]
    NotFollowing(i64),
    /// The newest records are missing.
    #[error("the trail ends at record {found}, but {expected} records were written")]
    Cut {
        /// The last record there is.
        found: i64,
        /// How many there were.
        expected: i64,
    },
}

impl Record {
    /// Chains an entry to the record before it, by its number and hash; the first to 0 and [`START`].
    #[must_use]
    pub fn following(entry: Entry, (number, previous_hash): (i64, String)) -> Self {
        let mut record = Self {
            number: number + 1,
            at: entry.at,
            actor: entry.actor,
            action: entry.action.to_owned(),
            object: entry.object,
            before: entry.before,
            after: entry.after,
            address: entry.address,
            request_id: entry.request_id,
            previous_hash,
            hash: String::new(),
        };
        record.hash = record.expected_hash();
        record
    }

    /// SHA-256 over every field but the hash itself, each with its length in front, in hexadecimal digits:
    /// no two records have the same bytes under it.
    #[must_use]
    pub fn expected_hash(&self) -> String {
        let (number, at) = (self.number.to_string(), self.at.to_string());
        let mut hash = Sha256::new();
        let fields = [
            Some(&self.previous_hash),
            Some(&number),
            Some(&at),
            Some(&self.actor),
            Some(&self.action),
            Some(&self.object),
            self.before.as_ref(),
            self.after.as_ref(),
            self.address.as_ref(),
            self.request_id.as_ref(),
        ];
        for field in fields {
            match field {
                // A missing field is not an empty one.
                None => hash.update([0]),
                Some(text) => {
                    hash.update([1]);
                    hash.update((text.len() as u64).to_be_bytes());
                    hash.update(text.as_bytes());
                }
            }
        }
        hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write as _;
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// Follows a chain record by record.
#[derive(Clone, Debug)]
pub struct Verifier {
    number: i64,
    hash: String,
}

impl Default for Verifier {
    fn default() -> Self {
        Self { number: 0, hash: START.to_owned() }
    }
}

impl Verifier {
    /// Looks at the next record.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn follow(&mut self, record: &Record) -> Result<(), Broken> {
        if record.number != self.number + 1 {
            return Err(Broken::Missing(record.number));
        }
        if record.hash != record.expected_hash() {
            return Err(Broken::Changed(record.number));
        }
        if record.previous_hash != self.hash {
            return Err(Broken::NotFollowing(record.number));
        }
        self.number = record.number;
        self.hash.clone_from(&record.hash);
        Ok(())
    }

    /// Ends the chain, of which `expected` records were written, the last with this hash.
    ///
    /// # Errors
    /// [`Broken::Cut`].
    pub fn end(&self, expected: i64, hash: &str) -> Result<i64, Broken> {
        if self.number == expected && self.hash == hash {
            Ok(expected)
        } else {
            Err(Broken::Cut { found: self.number, expected })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(length: i64) -> Vec<Record> {
        let mut records: Vec<Record> = Vec::new();
        for number in 0..length {
            let entry = Entry {
                at: 1000 + number,
                actor: "account:me".into(),
                action: "reservation.create",
                object: format!("reservation:{number}"),
                before: None,
                after: Some("{}".into()),
                address: Some("127.0.0.1".into()),
                request_id: None,
            };
            let previous = records.last().map_or((0, START.into()), |last| (last.number, last.hash.clone()));
            records.push(Record::following(entry, previous));
        }
        records
    }

    /// Follows `records`, which were `written` once.
    fn verify(records: &[Record], written: &[Record]) -> Result<i64, Broken> {
        let mut verifier = Verifier::default();
        records.iter().try_for_each(|record| verifier.follow(record))?;
        let head = written.last().map_or((0, START), |last| (last.number, last.hash.as_str()));
        verifier.end(head.0, head.1)
    }

    #[test]
    fn a_whole_chain_is_whole() {
        assert_eq!(verify(&chain(5), &chain(5)), Ok(5));
        assert_eq!(verify(&[], &[]), Ok(0));
    }

    #[test]
    fn every_edit_gap_and_cut_is_found() {
        type Edit = fn(&mut Vec<Record>);
        let edits: [Edit; 14] = [
            |records| records[2].at += 1,
            |records| records[2].actor.push('x'),
            |records| records[2].action.push('x'),
            |records| records[2].object.push('x'),
            |records| records[2].before = Some(String::new()),
            |records| records[2].after = None,
            |records| records[2].address = None,
            |records| records[2].request_id = Some(String::new()),
            |records| records[2].previous_hash = START.into(),
            |records| records[2].hash = START.into(),
            |records| drop(records.remove(2)),
            |records| drop(records.pop()),
            |records| {
                let last = records.last_mut().expect("five");
                last.actor.push('x');
                last.hash = last.expected_hash();
            },
            |records| {
                // A record that was edited and hashed anew no longer fits the one after it.
                records[2].actor.push('x');
                records[2].hash = records[2].expected_hash();
            },
        ];
        for (index, edit) in edits.iter().enumerate() {
            let mut records = chain(5);
            edit(&mut records);
            assert!(verify(&records, &chain(5)).is_err(), "edit {index}");
        }
    }

    #[test]
    fn what_stands_in_one_field_cannot_move_to_the_next() {
        let mut record = chain(1).remove(0);
        let hash = record.expected_hash();
        record.actor = "account:m".into();
        record.action = "ereservation.create".into();
        assert_ne!(record.expected_hash(), hash);
    }
}
