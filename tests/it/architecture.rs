//! The layering of ARCHITECTURE.md, read from the source, and the pages that name files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Which of our modules each may name in its `use` lines and paths, beside itself.
const MAY_NAME: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("camera", &["domain", "random"]),
    ("clock", &[]),
    ("random", &["clock"]),
    ("config", &["domain"]),
    ("store", &["domain", "random"]),
    ("outbound", &[]),
    ("recognize", &["domain", "outbound"]),
    ("service", &["domain", "camera", "store", "recognize", "outbound", "clock", "random", "config"]),
    ("http", &["service", "domain", "camera", "store", "random"]),
    ("tasks", &["service"]),
    ("app", &["http", "tasks", "service", "store", "recognize", "domain", "config", "clock"]),
    ("cli", &["app", "http", "service", "store", "domain", "config", "clock"]),
    ("main", &["cli"]),
];

/// Words that only one place may say, and where.
const ONLY_IN: [(&str, &[&str]); 7] = [
    ("rusqlite", &["src/store/"]),
    ("sqlx", &["src/store/"]),
    ("axum", &["src/http/"]),
    ("reqwest", &["src/outbound.rs", "src/recognize/", "src/service/sign_in/"]),
    ("StatusCode::", &["src/http/"]),
    (
        "async fn",
        &[
            "src/store/",
            "src/service/",
            "src/http/",
            "src/tasks/",
            "src/app.rs",
            "src/cli",
            "src/recognize/",
            "src/outbound.rs",
        ],
    ),
    ("getrandom", &["src/random.rs"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "node_modules" && name != "data" {
                found.extend(files_below(&path, extension));
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

/// A source file without comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned()
}

fn module(path: &str) -> &str {
    path.trim_start_matches("src/").split(['/', '.']).next().unwrap()
}

#[test]
fn modules_name_only_what_the_map_allows() {
    let may_name: BTreeMap<_, _> = MAY_NAME.into_iter().collect();
    let mut wrong = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for path in files_below(&root().join("src"), "rs") {
        let path_shown = shown(&path);
        let module = module(&path_shown).to_owned();
        if module == "lib" {
            continue;
        }
        let allowed = may_name.get(module.as_str()).unwrap_or_else(|| panic!("{module} is missing from the map"));
        for used in code(&path).split("crate::").skip(1) {
            let used = used.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap();
            // A macro of the same module goes by the crate's root.
            if !used.is_empty() && used != module && !allowed.contains(&used) {
                wrong.insert(format!("{path_shown} names {used}"));
            }
        }
        seen.insert(module);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen.len(), MAY_NAME.len(), "a module of the map is gone");
}

#[test]
fn sql_http_and_randomness_stay_in_their_places() {
    let mut wrong = BTreeSet::new();
    for path in files_below(&root().join("src"), "rs") {
        let (path_shown, code) = (shown(&path), code(&path));
        for (word, places) in ONLY_IN {
            if code.contains(word) && !places.iter().any(|place| path_shown.starts_with(place)) {
                wrong.insert(format!("{path_shown} says {word}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn both_migration_folders_have_the_same_scripts_tables_and_columns() {
    let tables = |engine: &str| {
        let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut names = BTreeSet::new();
        for path in files_below(&root().join("migrations").join(engine), "sql") {
            names.insert(path.file_name().unwrap().to_str().unwrap().to_owned());
            let text = fs::read_to_string(&path).unwrap();
            for table in text.split("CREATE TABLE ").skip(1) {
                let (name, columns) = table.split_once(" (").unwrap();
                let columns = columns.split("\n)").next().unwrap().lines().map(str::trim);
                let columns = columns.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
                let columns = columns.map(|line| line.split_whitespace().next().unwrap().to_owned());
                tables.entry(name.to_owned()).or_default().extend(columns);
            }
        }
        (names, tables)
    };
    let (sqlite, postgres) = (tables("sqlite"), tables("postgres"));
    assert!(!sqlite.1.is_empty());
    assert_eq!(sqlite, postgres);
}

/// Every path that a Markdown page names in backticks or links to exists.
#[test]
fn pages_name_only_files_that_exist() {
    let mut missing = BTreeSet::new();
    for page in files_below(&root(), "md") {
        let text = fs::read_to_string(&page).unwrap();
        for (index, part) in text.split('`').enumerate() {
            let inside = index % 2 == 1;
            let first = part.split(['/', ' ']).next().unwrap();
            let ours = ["src", "tests", "benches", "docs", "scripts", "migrations", ".ci"].contains(&first);
            let named = part.split("::").next().unwrap();
            if inside && ours && part.contains('/') && !part.contains(['*', ' ', '<', '{']) {
                let path = root().join(named);
                if !path.exists() {
                    missing.insert(format!("{} names {named}", shown(&page)));
                }
            }
        }
        for link in text.split("](").skip(1) {
            let target = link.split([')', '#']).next().unwrap();
            if !target.is_empty() && !target.contains("://") && !page.parent().unwrap().join(target).exists() {
                missing.insert(format!("{} links to {target}", shown(&page)));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Every script of the Makefile's help is a target, and the README's two commands are among them.
#[test]
fn the_commands_of_the_readme_are_targets() {
    let makefile = fs::read_to_string(root().join("Makefile")).unwrap();
    for page in ["README.md", "README.ko.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for command in text.lines().filter_map(|line| line.strip_prefix("make ")) {
            let target = command.split_whitespace().next().unwrap();
            assert!(makefile.contains(&format!("\n{target}:")), "{page} says make {target}");
        }
    }
}
