// Package web is everything people and programs see by HTTP: the route table
// with a permission on each row, handlers, typed views, the JSON API, the built
// assets and the manual.
//
// It refuses to decide: what a device is, whether a text changed and what a
// rule says comes from the domain packages as values, and every count on a page
// is the length of the list its link leads to. It writes to no device.
//
// A link that stands for a number of rows carries the number as data-count:
//
//	<a href="/devices?q=saved%3Ano" data-count="12">12 devices</a>
//
// The list it leads to has exactly as many rows, asked by the same query with
// .json behind the path; "9,999+" means no fewer. Tests follow every such link
// of every page, so a new page needs the attribute and nothing else.
package web
