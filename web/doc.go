// Package web is everything people and programs see by HTTP: the route table
// with a permission on each row, handlers, typed views, the JSON API, the built
// assets and the manual.
//
// It refuses to decide: what a device is, whether a text changed and what a
// rule says comes from the domain packages as values, and every count on a page
// is the length of the list its link leads to. It writes to no device.
package web
