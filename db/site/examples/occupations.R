# R: which pathways take an occupation, and how many texts say so.
library(DBI)

arguments <- commandArgs(trailingOnly = TRUE)
database <- dbConnect(RSQLite::SQLite(), if (length(arguments) > 0) arguments[1] else "facts.db")
print(dbGetQuery(database, "
  SELECT pathway, count(*) AS facts, max(published) AS last_published
  FROM v_facts WHERE attribute_id = 'eligible_noc' AND noc_code = ?
  GROUP BY pathway ORDER BY facts DESC", params = list("31301")))
dbDisconnect(database)
