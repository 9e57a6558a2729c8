//! The reservations of a period, for spreadsheets (CSV) and programs (NDJSON).

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use futures_util::stream;
use jiff::civil::Date;
use serde_json::Value;

use crate::domain::reservation::Reservation;
use crate::http::codes::FieldCode;
use crate::http::error::Problem;
use crate::http::fields;
use crate::http::wire::Viewer;
use crate::service::reports::{self, Download};
use crate::service::{Caller, Site};

use super::super::form::Form;
use super::{Asked, Staff};

/// A period has so many days at most: a leap year.
const LONGEST: i32 = 366;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/staff/download/reservations.csv", get(csv))
        .route("/staff/download/reservations.ndjson", get(ndjson))
}

#[derive(Clone, Copy)]
enum Shape {
    Csv,
    Ndjson,
}

async fn csv(State(site): State<Arc<Site>>, staff: Staff, Asked(asked): Asked) -> Result<Response, Problem> {
    download(site, staff.page.caller, &asked, Shape::Csv).await
}

async fn ndjson(State(site): State<Arc<Site>>, staff: Staff, Asked(asked): Asked) -> Result<Response, Problem> {
    download(site, staff.page.caller, &asked, Shape::Ndjson).await
}

fn period(asked: &Form) -> Result<(Date, Date), Problem> {
    let mut fields = asked.fields();
    let (from, until) = (fields.required("from", fields::date), fields.required("until", fields::date));
    if let (Ok(from), Ok(until)) = (&from, &until) {
        let days = (*until - *from).get_days();
        if !(0..LONGEST).contains(&days) {
            fields.refuse("until", FieldCode::PeriodInvalid);
        }
    }
    fields.finish_known()?;
    Ok((from?, until?))
}

async fn download(site: Arc<Site>, caller: Caller, asked: &Form, shape: Shape) -> Result<Response, Problem> {
    let (from, until) = period(asked)?;
    let mut download = reports::download(&site, &caller, from, until).await?;
    // The first piece is read before the answer begins, so that a refusal is one.
    let first = download.next(&site).await?.unwrap_or_default();
    let (media_type, ending, mut head) = match shape {
        Shape::Csv => ("text/csv; charset=utf-8; header=present", "csv", header_line()),
        Shape::Ndjson => ("application/x-ndjson", "ndjson", String::new()),
    };
    lines(&mut head, &site, &caller, shape, first);
    let name = format!("attachment; filename=\"reservations-{from}-{until}.{ending}\"");
    let state = Pieces { site, caller, shape, download };
    let rest = stream::try_unfold(state, next_piece);
    let whole = stream::once(async move { Ok::<_, std::io::Error>(Bytes::from(head)) });
    let body = Body::from_stream(futures_util::StreamExt::chain(whole, rest));
    Ok(([(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, name)], body).into_response())
}

/// What is still to come.
struct Pieces {
    site: Arc<Site>,
    caller: Caller,
    shape: Shape,
    download: Download,
}

async fn next_piece(mut pieces: Pieces) -> Result<Option<(Bytes, Pieces)>, std::io::Error> {
    let Pieces { site, caller, shape, download } = &mut pieces;
    let Some(piece) = download.next(site).await.map_err(std::io::Error::other)? else { return Ok(None) };
    let mut text = String::new();
    lines(&mut text, site, caller, *shape, piece);
    Ok(Some((text.into(), pieces)))
}

/// Writes reservations as the caller may see them, a line each.
fn lines(text: &mut String, site: &Site, caller: &Caller, shape: Shape, reservations: Vec<Reservation>) {
    let viewer = Viewer { actor: &caller.actor, schedule: &site.schedule, now: site.clock.now() };
    for reservation in viewer.show_all(reservations) {
        // A struct of texts and numbers always has a JSON form.
        let value = serde_json::to_value(reservation).unwrap_or_default();
        match shape {
            Shape::Csv => csv_line(text, &COLUMNS.map(|name| told(&value[name]))),
            Shape::Ndjson => {
                let _ = writeln!(text, "{value}");
            }
        }
    }
}

/// The columns, named as in the API.
const COLUMNS: [&str; 8] = ["id", "sessionId", "date", "startTime", "endTime", "plate", "status", "contactEmail"];

/// Excel reads a file without the mark as if it were in the code page of the machine.
const BYTE_ORDER_MARK: char = '\u{feff}';

fn header_line() -> String {
    let mut head = BYTE_ORDER_MARK.to_string();
    csv_line(&mut head, &COLUMNS.map(str::to_owned));
    head
}

fn told(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A line of RFC 4180. What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV
/// injection").
fn csv_line(text: &mut String, cells: &[String]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let safe = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if cell.contains([',', '"', '\n', '\r']) {
            let _ = write!(text, "\"{safe}{}\"", cell.replace('"', "\"\""));
        } else {
            let _ = write!(text, "{safe}{cell}");
        }
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_or_breaks_its_line() {
        let line = |cells: &[&str]| {
            let mut text = String::new();
            csv_line(&mut text, &cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>());
            text
        };
        assert_eq!(line(&["12가3456", "", "3"]), "12가3456,,3\r\n");
        assert_eq!(line(&["a,b", "say \"no\"", "two\nlines"]), "\"a,b\",\"say \"\"no\"\"\",\"two\nlines\"\r\n");
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(line(&[formula]), format!("'{formula}\r\n"));
        }
        assert_eq!(line(&["=HYPERLINK(\"x\",\"y\")"]), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"\r\n");
    }
}
