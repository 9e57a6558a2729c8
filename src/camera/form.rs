//! Forms (`multipart/*`) as cameras write them. Their boundaries do not always follow RFC 2046: the declared one lacks
//! dashes that the body has, lines end in `\n` or `\n\r`, the last boundary is missing. So the body's own first line
//! counts where the declared boundary is not in it.

use memchr::memmem;

use super::NotUnderstood;

/// The most parts of a form. Cameras send up to six.
const MOST_PARTS: usize = 32;

/// The longest head of a part, in bytes.
const LONGEST_HEAD: usize = 4 * 1024;

/// The longest boundary with its dashes, in bytes. RFC 2046 has 72; some add dashes.
const LONGEST_BOUNDARY: usize = 128;

/// From this length on, in bytes, a boundary counts inside a line too: some firmware forgets to end the picture's.
const UNMISTAKABLE: usize = 10;

/// A part of a form.
pub(super) struct Part<'a> {
    /// Its field name and file name, in lower case: `licenseplatepicture.jpg licenseplatepicture.jpg`.
    pub names: String,
    /// The field name as it was sent.
    pub name: String,
    /// What it is.
    pub body: &'a [u8],
}

/// The boundary, with its dashes, of what is a form by its content type or by its first line.
pub(super) fn boundary(content_type: Option<&str>, body: &[u8]) -> Option<Vec<u8>> {
    let declared = content_type.and_then(declared).map(|declared| [b"--", declared.as_bytes()].concat());
    if let Some(declared) = declared
        && memmem::find(body, &declared).is_some_and(|at| at == 0 || matches!(body[at - 1], b'\n' | b'\r'))
    {
        return Some(declared);
    }
    let start = body.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let line = body[start..].split(|&byte| byte == b'\r' || byte == b'\n').next()?;
    let is_boundary = line.starts_with(b"--") && line.len() > 2 && line.len() <= LONGEST_BOUNDARY;
    is_boundary.then(|| line.trim_ascii_end().to_vec())
}

/// The parameter `boundary` of a content type that is a form's.
fn declared(content_type: &str) -> Option<&str> {
    let is_form = content_type.get(..10)?.eq_ignore_ascii_case("multipart/");
    let (_, value) = content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    let value = value.trim().trim_matches('"');
    (is_form && !value.is_empty() && value.len() < LONGEST_BOUNDARY).then_some(value)
}

/// The parts between the boundaries. What stands before the first or after the last is passed over.
pub(super) fn parts<'a>(body: &'a [u8], boundary: &[u8]) -> Result<Vec<Part<'a>>, NotUnderstood> {
    let mut parts = Vec::new();
    let mut begun: Option<usize> = None;
    for at in memmem::find_iter(body, boundary) {
        let after = at + boundary.len();
        let at_line_start = at == 0 || matches!(body[at - 1], b'\n' | b'\r');
        let rest = &body[after..];
        let ends = rest.starts_with(b"--");
        let line_end = rest.iter().position(|byte| !matches!(byte, b' ' | b'\t')).unwrap_or(rest.len());
        let begins = rest.get(line_end).is_none_or(|byte| matches!(byte, b'\r' | b'\n'));
        if !(ends || begins) || !(at_line_start || boundary.len() >= UNMISTAKABLE) {
            continue;
        }
        if let Some(begun) = begun.take() {
            if parts.len() == MOST_PARTS {
                return Err(NotUnderstood::TooComplex);
            }
            parts.push(part(without_line_end(&body[begun..at]))?);
        }
        if ends {
            return Ok(parts);
        }
        begun = Some(after + line_end + line_ending(&rest[line_end..]));
    }
    // The last boundary may be missing.
    if let Some(begun) = begun
        && !body[begun..].trim_ascii().is_empty()
    {
        parts.push(part(without_line_end(&body[begun..]))?);
    }
    if parts.is_empty() { Err(NotUnderstood::BrokenForm) } else { Ok(parts) }
}

/// How long the line ending is that these bytes begin with: `\r\n`, `\n\r`, `\n` or `\r`.
fn line_ending(bytes: &[u8]) -> usize {
    match bytes {
        // A line that ends in `\n`, and an empty one that ends in `\r\n`.
        [b'\n', b'\r', b'\n', ..] => 1,
        [b'\r', b'\n', ..] | [b'\n', b'\r', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

fn without_line_end(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_suffix(b"\r\n")
        .or_else(|| bytes.strip_suffix(b"\n\r"))
        .or_else(|| bytes.strip_suffix(b"\n"))
        .unwrap_or(bytes)
}

/// Takes the head of a part off, line by line up to the empty one.
fn part(bytes: &[u8]) -> Result<Part<'_>, NotUnderstood> {
    let (mut at, mut name, mut file_name) = (0, String::new(), String::new());
    loop {
        let rest = &bytes[at..];
        if at > LONGEST_HEAD || rest.is_empty() {
            return Err(NotUnderstood::BrokenForm);
        }
        let length = rest.iter().take(LONGEST_HEAD + 1).position(|byte| matches!(byte, b'\r' | b'\n'));
        let length = length.ok_or(NotUnderstood::BrokenForm)?;
        at += length + line_ending(&rest[length..]);
        if length == 0 {
            break;
        }
        let line = String::from_utf8_lossy(&rest[..length]);
        if line.get(..20).is_some_and(|head| head.eq_ignore_ascii_case("content-disposition:")) {
            name = parameter(&line, "name").unwrap_or_default();
            file_name = parameter(&line, "filename").unwrap_or_default();
        }
    }
    Ok(Part { names: format!("{name} {file_name}").to_lowercase(), name, body: &bytes[at..] })
}

/// `name="value"` or `name=value` among the parameters of a line.
fn parameter(line: &str, wanted: &str) -> Option<String> {
    line.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case(wanted).then(|| value.chars().take(128).collect())
    })
}
