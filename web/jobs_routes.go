package web

import (
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// jobsTable is the rows of jobs and schedules, pages and API.
func (s *Server) jobsTable() []route {
	return []route{
		{Method: get, Path: "/jobs", Permission: auth.JobRead, Scope: scopeSite, Handler: s.jobsPage},
		{Method: get, Path: "/jobs/:id", Permission: auth.JobRead, Scope: scopeSite, Handler: s.jobPage},
		{Method: get, Path: "/jobs/:id/:job", Permission: auth.JobRead, Scope: scopeSite, Handler: s.triesPage},
		{Method: post, Path: "/jobs/:id/cancel", Permission: auth.JobCancel, Scope: scopeSite, Verb: audit.JobCancel, Handler: s.cancelJob},
		{Method: post, Path: "/jobs/:id/retry", Permission: auth.JobRun, Scope: scopeSite, Verb: audit.JobRetry, Handler: s.retryJob},

		{Method: get, Path: "/schedules", Permission: auth.JobRead, Scope: scopeSite, Handler: s.schedulesPage},
		{Method: get, Path: "/schedules/:id", Permission: auth.JobRead, Scope: scopeSite, Handler: s.schedulePage},
		{Method: post, Path: "/schedules", Permission: auth.ScheduleEdit, Scope: scopeSite, Verb: audit.ScheduleChange, Handler: s.saveSchedule},
		{Method: post, Path: "/schedules/:id", Permission: auth.ScheduleEdit, Scope: scopeSite, Verb: audit.ScheduleChange, Handler: s.saveSchedule},
		{Method: post, Path: "/schedules/:id/enable", Permission: auth.ScheduleEdit, Scope: scopeSite, Verb: audit.ScheduleChange, Handler: s.switchSchedule(true)},
		{Method: post, Path: "/schedules/:id/disable", Permission: auth.ScheduleEdit, Scope: scopeSite, Verb: audit.ScheduleChange, Handler: s.switchSchedule(false)},
		{Method: post, Path: "/schedules/:id/delete", Permission: auth.ScheduleEdit, Scope: scopeSite, Verb: audit.ScheduleDelete, Handler: s.deleteSchedule},
		{Method: post, Path: "/schedules/:id/run", Permission: auth.JobRun, Scope: scopeSite, Verb: audit.BackupRun, Handler: s.runSchedule},

		apiRow(get, "/jobs", auth.JobRead, "", s.apiJobs),
		apiRow(get, "/jobs/:id", auth.JobRead, "", s.apiJob),
		apiRow(get, "/jobs/:id/devices", auth.JobRead, "", s.apiJobDevices),
		apiRow(get, "/jobs/:id/devices/:job", auth.JobRead, "", s.apiTries),
		apiRow(post, "/jobs/:id/cancel", auth.JobCancel, audit.JobCancel, s.apiCancelJob),
		apiRow(post, "/jobs/:id/retry", auth.JobRun, audit.JobRetry, s.apiRetryJob),
		apiRow(get, "/schedules", auth.JobRead, "", s.apiSchedules),
		apiRow(get, "/schedules/:id", auth.JobRead, "", s.apiSchedule),
		apiRow(post, "/schedules", auth.ScheduleEdit, audit.ScheduleChange, s.apiAddSchedule),
		apiRow(put, "/schedules/:id", auth.ScheduleEdit, audit.ScheduleChange, s.apiSaveSchedule),
		apiRow(del, "/schedules/:id", auth.ScheduleEdit, audit.ScheduleDelete, s.apiDeleteSchedule),
		apiRow(post, "/schedules/:id/run", auth.JobRun, audit.BackupRun, s.apiRunSchedule),
	}
}
