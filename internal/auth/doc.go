// Package auth says who somebody is and what they may do: accounts, roles and
// permissions, passwords, sessions, API tokens, and the one-time link that
// makes the first administrator.
//
// It refuses to know routes, cookies and pages, and how its rows are stored.
package auth
