// Package compliance judges configurations by rules: packs of YAML in, verdicts
// with evidence out. Every verdict points at lines of the text it judged.
//
// It is pure: trees, facts, rules and a date in, values out. It refuses to
// count what it could not check as passed.
package compliance
