package main

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"text/tabwriter"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/spf13/cobra"
)

// checkPrinter prints the answer of check in one form.
type checkPrinter func(c *cobra.Command, rules []compliance.Rule, results []checkResult, sum compliance.Summary) error

func checkForm(format string, asJSON bool) (checkPrinter, error) {
	if asJSON {
		format = "json"
	}
	switch format {
	case "", "table":
		return checkTable, nil
	case "json":
		return checkJSON, nil
	case "sarif":
		return checkSARIF, nil
	case "junit":
		return checkJUnit, nil
	}
	return nil, fmt.Errorf("--format: %q is not one of table, json, sarif, junit", format)
}

func checkJSON(c *cobra.Command, _ []compliance.Rule, results []checkResult, sum compliance.Summary) error {
	if results == nil {
		results = []checkResult{}
	}
	return printJSON(c, struct {
		Results []checkResult      `json:"results"`
		Summary compliance.Summary `json:"summary"`
	}{results, sum})
}

func checkTable(c *cobra.Command, _ []compliance.Rule, results []checkResult, sum compliance.Summary) error {
	w := tabwriter.NewWriter(c.OutOrStdout(), 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "VERDICT\tSEVERITY\tRULE\tFILE\tLINE\tWHY")
	for _, r := range results {
		line, why := "", r.Reason
		if r.Verdict == compliance.Fail && len(r.Evidence) > 0 {
			line = fmt.Sprint(r.Evidence[0].Line)
		}
		if r.Waiver != nil {
			why = fmt.Sprintf("until %s: %s", r.Waiver.Expires.Format("2006-01-02"), r.Waiver.Reason)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.Verdict, r.Severity, r.Rule, printable(r.File), line, printable(why))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "%d pass, %d fail, %d unknown, %d not applicable, %d waived\n", sum.Pass, sum.Fail, sum.Unknown, sum.NotApplicable, sum.Waived)
	return err
}

// SARIF 2.1.0 (OASIS standard), the parts that say what was found and where.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID      string    `json:"id"`
		Title   sarifText `json:"shortDescription"`
		Default struct {
			Level string `json:"level"`
		} `json:"defaultConfiguration"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		Kind         string             `json:"kind"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region *sarifRegion `json:"region,omitempty"`
		} `json:"physicalLocation"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Justification string `json:"justification"`
	}
)

func checkSARIF(c *cobra.Command, rules []compliance.Rule, results []checkResult, _ compliance.Summary) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "plumbline", Rules: []sarifRule{}}
	for _, r := range rules {
		rule := sarifRule{ID: r.ID, Title: sarifText{r.Title}}
		rule.Default.Level = sarifLevel(r.Severity)
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, rule)
	}
	for _, r := range results {
		out := sarifResult{RuleID: r.Rule, Kind: sarifKind(r.Verdict), Level: "none", Message: sarifText{cmp.Or(r.Reason, r.Title)}}
		if out.Kind == "fail" {
			out.Level = sarifLevel(r.Severity)
		}
		if r.Waiver != nil {
			out.Suppressions = []sarifSuppression{{Kind: "external", Justification: r.Waiver.Reason}}
		}
		for _, e := range r.Evidence {
			out.Locations = append(out.Locations, sarifAt(r.File, e.Line))
		}
		if len(out.Locations) == 0 {
			out.Locations = []sarifLocation{sarifAt(r.File, 0)}
		}
		run.Results = append(run.Results, out)
	}
	return printJSON(c, sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifAt(file string, line int) sarifLocation {
	var l sarifLocation
	l.Physical.Artifact.URI = file
	if line > 0 {
		l.Physical.Region = &sarifRegion{line}
	}
	return l
}

func sarifKind(v compliance.Verdict) string {
	switch v {
	case compliance.Pass:
		return "pass"
	case compliance.NotApplicable:
		return "notApplicable"
	case compliance.Unknown:
		return "open"
	}
	return "fail" // a waived one is a suppressed failure
}

func sarifLevel(s compliance.Severity) string {
	switch s {
	case compliance.Critical, compliance.High:
		return "error"
	case compliance.Medium:
		return "warning"
	}
	return "note"
}

type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name    string     `xml:"name,attr"`
		Class   string     `xml:"classname,attr"`
		Failure *junitText `xml:"failure"`
		Skipped *junitText `xml:"skipped"`
	}
	junitText struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// checkJUnit makes one suite a file. What is unknown, waived or not applicable
// is a skipped case with its reason: it did not pass.
func checkJUnit(c *cobra.Command, _ []compliance.Rule, results []checkResult, _ compliance.Summary) error {
	var all junitSuites
	for _, r := range results {
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != r.File {
			all.Suites = append(all.Suites, junitSuite{Name: r.File})
		}
		s := &all.Suites[len(all.Suites)-1]
		k := junitCase{Name: r.Rule, Class: cmp.Or(r.Pack, "rules")}
		switch r.Verdict {
		case compliance.Pass:
		case compliance.Fail:
			s.Failures++
			k.Failure = &junitText{Message: cmp.Or(r.Reason, r.Title)}
			for _, e := range r.Evidence {
				k.Failure.Text += fmt.Sprintf("%d: %s\n", e.Line, e.Text)
			}
		default:
			s.Skipped++
			k.Skipped = &junitText{Message: string(r.Verdict) + ": " + r.Reason}
			if r.Waiver != nil {
				k.Skipped.Message = "waived: " + r.Waiver.Reason
			}
		}
		s.Tests++
		s.Cases = append(s.Cases, k)
	}
	b, err := xml.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s%s\n", xml.Header, b)
	return err
}
