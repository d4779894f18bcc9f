// Package urlpattern reads patterns of URLs, after the URL Pattern standard. It
// makes of each component the source of a regular expression of JavaScript; to
// compile those and to match with them is the caller's part, for what a person
// writes in parentheses is JavaScript's as well.
package urlpattern
