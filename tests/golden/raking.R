# Golden numbers for tests/methods/test_raking.py. Run from the project's root:
#   Rscript tests/golden/raking.R ../shared/peers
# R's own data(api) is used for the population totals; apistrat.csv and apiclus1.csv are the same
# samples as files. calibrate(calfun = "raking") finds the raked weights by Newton steps, rake() by
# iterative proportional fitting: two ways to one answer. The variances are those of calibrate().
suppressMessages(library(survey))
peers <- commandArgs(TRUE)[1]
data(api)
out <- file("tests/golden/raking.csv", "w")
writeLines(c(
  paste0("# ", R.version.string, ", survey ", packageVersion("survey"),
         "; Rscript tests/golden/raking.R"),
  "design,quantity,key,value"), out)
put <- function(design, quantity, key, value)
  writeLines(sprintf("%s,%s,%s,%.15g", design, quantity, key, value), out)

totals <- lapply(c("stype", "sch.wide", "awards"), function(v) table(apipop[[v]]))
names(totals) <- c("stype", "sch.wide", "awards")
for (v in names(totals)) put("population", v, names(totals[[v]]), as.numeric(totals[[v]]))

study <- function(label, design) {
  margins <- lapply(names(totals), function(v) as.formula(paste0("~", v)))
  populations <- lapply(names(totals), function(v)
    setNames(as.data.frame(totals[[v]]), c(v, "Freq")))
  raked <- rake(design, margins, populations, control = list(maxit = 500, epsilon = 1e-10))
  population <- c(`(Intercept)` = nrow(apipop), stypeH = totals$stype[["H"]],
                  stypeM = totals$stype[["M"]], sch.wideYes = totals$sch.wide[["Yes"]],
                  awardsYes = totals$awards[["Yes"]])
  calibrated <- calibrate(design, ~stype + sch.wide + awards, population,
                          calfun = "raking", epsilon = 1e-12, maxit = 200)
  stopifnot(max(abs(weights(raked) / weights(calibrated) - 1)) < 1e-8)
  put(label, "weight", seq_along(weights(calibrated)) - 1, weights(calibrated))
  for (v in c("api00", "enroll")) {
    m <- svymean(as.formula(paste0("~", v)), calibrated, na.rm = TRUE)
    put(label, "mean", v, coef(m))
    put(label, "se", v, as.numeric(SE(m)))
  }
  put(label, "unraked_se", "api00", as.numeric(SE(svymean(~api00, design))))
}

strat <- read.csv(file.path(peers, "apistrat.csv"))
study("apistrat", svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = strat))
clus1 <- read.csv(file.path(peers, "apiclus1.csv"))
study("apiclus1", svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus1))
close(out)
source("tests/golden/session.R")
keep_session("raking")
