// Package decisions keeps the decisions that shape Plumbline, one Markdown
// file each: what was decided, why, what was tried, and what would change it.
// It holds no code; its test keeps the records complete and numbered.
package decisions
