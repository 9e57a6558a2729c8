//! docs/security.md: each requirement once, with a status that there is, places that exist, and the right totals.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const STATUSES: [&str; 3] = ["met", "not applicable", "not met"];

/// How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has.
const REQUIREMENTS: [usize; 17] = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A line of the tables.
struct Row {
    number: String,
    level: String,
    status: String,
    why: String,
}

fn page() -> String {
    fs::read_to_string(root().join("docs/security.md")).unwrap()
}

fn cells(line: &str) -> Vec<String> {
    line.trim().trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}

/// Every line of a table that begins with the number of a requirement.
fn rows(page: &str) -> Vec<Row> {
    let requirement =
        |line: &&str| line.strip_prefix("| V").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let row = |line: &str| {
        let [number, level, _, status, why] =
            <[String; 5]>::try_from(cells(line)).unwrap_or_else(|cells| panic!("five columns: {cells:?}"));
        Row { number, level, status, why }
    };
    page.lines().filter(requirement).map(row).collect()
}

/// What stands in backticks and looks like a place: a path, or `path::name`.
fn places(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2).filter(|inside| {
        let path = inside.split("::").next().unwrap();
        let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
        matches!(ending, Some("rs" | "md" | "toml" | "lock")) && !path.contains(' ')
    })
}

/// Why a place is none, if it is none.
fn missing(place: &str) -> Option<String> {
    let (path, name) = place.split_once("::").map_or((place, None), |(path, name)| (path, Some(name)));
    let Ok(text) = fs::read_to_string(root().join(path)) else { return Some(format!("there is no file {path}")) };
    let name = name?;
    let declares = |word: &str| {
        text.split(&format!("{word} {name}")).skip(1).any(|rest| {
            let next = rest.chars().next().unwrap_or(' ');
            !next.is_alphanumeric() && next != '_'
        })
    };
    // A test is a function; elsewhere a place may be a type or a table.
    let words: &[&str] = if path.starts_with("tests/") { &["fn"] } else { &["fn", "struct", "enum", "const"] };
    (!words.iter().any(|word| declares(word))).then(|| format!("{path} has no {name}"))
}

#[test]
fn every_requirement_stands_there_once_with_a_status() {
    let mut seen = BTreeSet::new();
    let mut chapters = [0; REQUIREMENTS.len()];
    for row in rows(&page()) {
        assert!(STATUSES.contains(&row.status.as_str()), "{}: {}", row.number, row.status);
        assert!(["1", "2"].contains(&row.level.as_str()), "{}: level {}", row.number, row.level);
        assert!(row.why.len() > 5, "{} says neither where nor why", row.number);
        let numbers: Vec<usize> = row.number[1..].split('.').map(|part| part.parse().unwrap()).collect();
        assert_eq!(numbers.len(), 3, "{}", row.number);
        chapters[numbers[0] - 1] += 1;
        assert!(seen.insert(numbers), "{} stands there twice", row.number);
    }
    assert_eq!(chapters, REQUIREMENTS);
}

#[test]
fn what_is_met_names_a_place_and_every_named_place_exists() {
    let page = page();
    let mut wrong = BTreeSet::new();
    for row in rows(&page) {
        let documented = row.why.contains("](#") || row.why.contains("](../");
        if row.status == "met" && !documented && places(&row.why).next().is_none() {
            wrong.insert(format!("{} is met, and says not where", row.number));
        }
    }
    // The text around the tables names places, too.
    wrong.extend(page.lines().flat_map(places).filter_map(missing));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn parts_of_the_page_that_rows_point_to_exist() {
    let page = page();
    let anchor = |title: &str| title.trim().to_lowercase().replace(' ', "-");
    let titles: BTreeSet<String> =
        page.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect();
    let pointed: BTreeSet<String> =
        page.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap().to_owned()).collect();
    assert!(!pointed.is_empty());
    assert_eq!(pointed.difference(&titles).collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn the_totals_of_the_page_are_those_of_its_tables() {
    let page = page();
    let mut counted: BTreeMap<&str, usize> = STATUSES.into_iter().map(|status| (status, 0)).collect();
    let rows = rows(&page);
    for row in &rows {
        *counted.entry(row.status.as_str()).or_default() += 1;
    }
    let expected = format!(
        "| met | not applicable | not met | all |\n|---|---|---|---|\n| {} | {} | {} | {} |\n",
        counted["met"],
        counted["not applicable"],
        counted["not met"],
        rows.len()
    );
    assert!(page.contains(&expected), "the page should say\n{expected}");
}
