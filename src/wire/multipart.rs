//! `multipart/form-data` (RFC 7578), as far as one field is read out of it: strictly, so that no
//! other parser finds another value under the same name.

use http::header::{CONTENT_TYPE, HeaderMap};

use super::form::Twice;

/// More parts than this are no delivery of any sender.
const MAX_PARTS: usize = 1_000;
/// The longest header of one part, in bytes.
const MAX_HEADER: usize = 1024;

/// The value of the one field with this name; `None` if this is no multipart form, or has no such
/// field.
///
/// # Errors
///
/// If the form is not written plainly, or has the field twice: somebody else could read it
/// otherwise.
pub(crate) fn field<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    name: &str,
) -> Result<Option<&'a [u8]>, Twice> {
    let Some(boundary) = boundary(headers)? else { return Ok(None) };
    let delimiter = [b"\r\n--", boundary].concat();
    let mut rest = body.strip_prefix(delimiter.get(2..).unwrap_or_default()).ok_or(Twice)?;
    let mut found = None;
    for _ in 0..MAX_PARTS {
        if let Some(end) = rest.strip_prefix(b"--") {
            // Nobody reads what stands behind the end; but there is no reason for anything to.
            return if end.trim_ascii().is_empty() { Ok(found) } else { Err(Twice) };
        }
        let part = rest.strip_prefix(b"\r\n").ok_or(Twice)?;
        let (part, behind) = split(part, &delimiter).ok_or(Twice)?;
        let (header, value) = split(part, b"\r\n\r\n").ok_or(Twice)?;
        if name_of(header)?.eq_ignore_ascii_case(name.as_bytes()) && found.replace(value).is_some()
        {
            return Err(Twice);
        }
        rest = behind;
    }
    Err(Twice)
}

/// The boundary that the head names; `None` if it says that the body is something else.
fn boundary(headers: &HeaderMap) -> Result<Option<&[u8]>, Twice> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(content_type), None) = (types.next(), types.next()) else { return Ok(None) };
    let mut parameters = content_type.as_bytes().split(|byte| *byte == b';');
    let name = parameters.next().unwrap_or_default().trim_ascii();
    if !name.eq_ignore_ascii_case(b"multipart/form-data") {
        return Ok(None);
    }
    let mut boundaries = parameters.filter_map(|parameter| {
        let at = parameter.iter().position(|byte| *byte == b'=')?;
        let (key, value) = parameter.split_at_checked(at)?;
        key.trim_ascii().eq_ignore_ascii_case(b"boundary").then(|| value.get(1..))?
    });
    let (Some(boundary), None) = (boundaries.next(), boundaries.next()) else { return Err(Twice) };
    let boundary = boundary.trim_ascii();
    let quoted = boundary.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\""));
    let boundary = quoted.unwrap_or(boundary);
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=?".contains(byte);
    let is_plain = (1..=70).contains(&boundary.len()) && boundary.iter().all(plain);
    if is_plain { Ok(Some(boundary)) } else { Err(Twice) }
}

/// The name in the header of one part, written `form-data; name="…"`, perhaps with a file name. Of
/// other headers only a content type is taken, which changes nothing of the value.
fn name_of(header: &[u8]) -> Result<&[u8], Twice> {
    if header.len() > MAX_HEADER {
        return Err(Twice);
    }
    let mut name = None;
    let mut rest = Some(header);
    while let Some(text) = rest {
        let (line, behind) = match split(text, b"\r\n") {
            Some((line, behind)) => (line, Some(behind)),
            None => (text, None),
        };
        rest = behind;
        let (key, value) = split(line, b":").ok_or(Twice)?;
        if key.eq_ignore_ascii_case(b"content-disposition") {
            let value = value.trim_ascii().strip_prefix(b"form-data; name=\"").ok_or(Twice)?;
            let (text, behind) = split(value, b"\"").ok_or(Twice)?;
            if !is_file_name(behind) || text.contains(&b'\\') || name.replace(text).is_some() {
                return Err(Twice);
            }
        } else if !key.eq_ignore_ascii_case(b"content-type")
            && !key.eq_ignore_ascii_case(b"content-length")
        {
            return Err(Twice);
        }
    }
    name.ok_or(Twice)
}

/// Whether nothing follows the name of a part but the name of its file: in quotes, encoded
/// (`filename*`, RFC 6266), or both.
fn is_file_name(text: &[u8]) -> bool {
    let quoted = text.strip_prefix(b"; filename=\"").and_then(|file| split(file, b"\""));
    let text = quoted.map_or(text, |(_, behind)| behind);
    let is_encoded = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~%'".contains(byte);
    match text.strip_prefix(b"; filename*=") {
        Some(encoded) => !encoded.is_empty() && encoded.iter().all(is_encoded),
        None => text.is_empty(),
    }
}

fn split<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let start = memchr::memmem::find(text, at)?;
    Some((text.get(..start)?, text.get(start.checked_add(at.len())?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Result<Option<String>, Twice> {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, content_type.parse().unwrap())]);
        let value = field(&headers, body.as_bytes(), "json")?;
        Ok(value.map(|value| String::from_utf8(value.to_vec()).unwrap()))
    }

    const FORM: &str = "multipart/form-data; boundary=xx";

    fn part(name: &str, value: &str) -> String {
        format!("--xx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    }

    #[test]
    fn the_one_field_is_found() {
        let one = part("json", "{}") + "--xx--";
        assert_eq!(read(FORM, &one), Ok(Some("{}".into())));
        assert_eq!(read(FORM, &(one.clone() + "\r\n")), Ok(Some("{}".into())));
        assert_eq!(read("Multipart/Form-Data; boundary=\"xx\"", &one), Ok(Some("{}".into())));
        let two = part("a", "\r\n--x\r\n") + &part("json", "") + "--xx--\r\n";
        assert_eq!(read(FORM, &two), Ok(Some(String::new())));
        let typed = one.replace("\r\n\r\n", "\r\nContent-Type: application/json\r\n\r\n");
        assert_eq!(read(FORM, &typed), Ok(Some("{}".into())));
        assert_eq!(read(FORM, &(part("other", "{}") + "--xx--")), Ok(None));
        assert_eq!(read("application/json", "{}"), Ok(None));
    }

    #[test]
    fn a_file_may_have_its_name_encoded() {
        for name in [
            "; filename=\"a.pdf\"",
            "; filename*=UTF-8''%e4.pdf",
            "; filename=\"a\"; filename*=UTF-8''%e4",
        ] {
            let file = part("file", "x").replace("\"file\"", &format!("\"file\"{name}"));
            assert_eq!(read(FORM, &(file + &part("json", "{}") + "--xx--")), Ok(Some("{}".into())));
        }
        for name in
            ["; filename=a", "; filename=\"a\"x", "; filename*=a; name=\"json\"", "; name*=a"]
        {
            let file = part("file", "x").replace("\"file\"", &format!("\"file\"{name}"));
            assert_eq!(read(FORM, &(file + &part("json", "{}") + "--xx--")), Err(Twice), "{name}");
        }
    }

    #[test]
    fn what_another_parser_could_read_otherwise_is_not_read() {
        let end = "--xx--\r\n";
        let one = part("json", "{}");
        for body in [
            String::new(),
            one.clone(),
            one.clone() + &one + end,
            one.clone() + &part("JSON", "{}") + end,
            format!("preamble\r\n{one}{end}"),
            format!("{one}{end}epilogue"),
            format!("{one}--xx \r\n{end}"),
            one.replace("; name=\"json\"", "") + end,
            one.replace("\"json\"", "json") + end,
            one.replace("name=\"json\"", "name=\"json\"; name*=utf-8''other") + end,
            one.replace("name=\"json\"", "name=\"a\"; name=\"json\"") + end,
            one.replace("\r\n\r\n", "\r\nContent-Transfer-Encoding: base64\r\n\r\n") + end,
            one.replace("\r\n\r\n", "\r\n folded: x\r\n\r\n") + end,
            one.replace("\r\n", "\n") + end,
            part("x", "").repeat(MAX_PARTS) + &one + end,
        ] {
            assert_eq!(read(FORM, &body), Err(Twice), "{body:?}");
        }
        let body = one + end;
        for content_type in [
            "multipart/form-data",
            "multipart/form-data; boundary=xx; boundary=yy",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"x x\"",
        ] {
            assert_eq!(read(content_type, &body), Err(Twice), "{content_type:?}");
        }
    }
}
