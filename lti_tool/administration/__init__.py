"""The site's pages, for administrators: settings, jobs, audit, doctor."""
