//! The path of a route, in the syntax of axum's router: `/hooks/{tenant}`, `/files/{*rest}`.

/// A path that was checked. Two that match the same requests have the same shape, whatever their
/// parameters are called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape(Vec<Segment>);

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Text(String),
    One { before: String, behind: String },
    Rest,
}

/// What is wrong with a path, as advice.
pub(super) fn check(path: &str) -> Result<Shape, String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err(format!("`{path}` does not begin with `/`"));
    };
    if path.contains(['?', '#']) || path.contains(char::is_whitespace) {
        return Err(format!("`{path}` is more than a path: leave out query, fragment and blanks"));
    }
    let mut names = Vec::new();
    let mut segments = Vec::new();
    for text in rest.split('/') {
        if segments.last() == Some(&Segment::Rest) {
            return Err(format!("nothing may stand behind `{{*…}}` in `{path}`"));
        }
        segments.push(segment(text, &mut names)?);
    }
    Ok(Shape(segments))
}

fn segment<'p>(text: &'p str, names: &mut Vec<&'p str>) -> Result<Segment, String> {
    // What routers wrote before, and axum refuses when the route is made.
    if let Some(name) = text.strip_prefix(':') {
        return Err(format!("a parameter is written `{{{name}}}`, not `{text}`"));
    }
    if let Some(name) = text.strip_prefix('*') {
        return Err(format!("the rest of a path is written `{{*{name}}}`, not `{text}`"));
    }
    // Doubled, a brace stands for itself.
    let plain = text.replace("{{", "").replace("}}", "");
    if !plain.contains(['{', '}']) {
        return Ok(Segment::Text(text.into()));
    }
    let parameter = text.split_once('{').and_then(|(before, rest)| {
        let (name, behind) = rest.split_once('}')?;
        let is_one = ![before, name, behind].iter().any(|part| part.contains(['{', '}']));
        is_one.then_some((before, name, behind))
    });
    let Some((before, name, behind)) = parameter else {
        return Err(format!(
            "the braces of `{text}` do not match: a segment has one `{{name}}`, and `{{{{` stands for a brace"
        ));
    };
    let (is_rest, name) = name.strip_prefix('*').map_or((false, name), |name| (true, name));
    if name.is_empty() || name.contains([':', '*']) {
        return Err(format!("the parameter of `{text}` has no name: write `{{name}}`"));
    }
    if names.contains(&name) {
        return Err(format!("two parameters are called `{name}`"));
    }
    names.push(name);
    match is_rest {
        false => Ok(Segment::One { before: before.into(), behind: behind.into() }),
        true if before.is_empty() && behind.is_empty() => Ok(Segment::Rest),
        true => Err(format!("`{{*{name}}}` takes whole segments: nothing stands beside it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_a_router_takes_are_taken() {
        for path in
            ["/", "/a", "/a/", "/a/{id}", "/a/{id}/b", "/v{version}/x", "/{*rest}", "/{{x}}"]
        {
            assert!(check(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn paths_that_a_router_would_die_of_are_refused_with_advice() {
        for (path, advice) in [
            ("a", "does not begin with `/`"),
            ("", "does not begin with `/`"),
            ("/a?b=c", "more than a path"),
            ("/a b", "more than a path"),
            ("/a/:id", "written `{id}`"),
            ("/a/*rest", "written `{*rest}`"),
            ("/a/{id", "do not match"),
            ("/a/id}", "do not match"),
            ("/a/{{id}", "do not match"),
            ("/a/{a}{b}", "do not match"),
            ("/a/{}", "has no name"),
            ("/a/{*}", "has no name"),
            ("/{a}/{a}", "two parameters are called `a`"),
            ("/{*rest}/b", "nothing may stand behind"),
            ("/x{*rest}", "takes whole segments"),
        ] {
            let error = check(path).expect_err(path);
            assert!(error.contains(advice), "{path}: {error}");
        }
    }

    #[test]
    fn the_names_of_parameters_are_not_the_shape() {
        assert_eq!(check("/a/{id}/b"), check("/a/{name}/b"));
        assert_ne!(check("/a/{id}"), check("/a/{*id}"));
        assert_ne!(check("/a/b"), check("/a/{b}"));
    }
}
