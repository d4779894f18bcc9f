// Package wpt runs the Web Platform Tests that concern what scripts have of the
// web, against a copy of the suite on this machine: WPT_DIR names its folder.
// README.md has the results.
package wpt
