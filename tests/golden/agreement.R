# Golden numbers for tests/methods/test_agreement.py. Run from the project's root:
#   Rscript tests/golden/agreement.R
# Writes the made-up answers it uses (agreement_items.csv: 250 respondents, 8 five-point items, one
# common factor and rounding) and what psych and stats::factanal say about them.
suppressMessages(library(psych))
set.seed(20161)
n <- 250
common <- rnorm(n)
slopes <- c(0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3)
items <- sapply(slopes, function(b) pmin(5, pmax(1, round(3.8 + b * common + rnorm(n, sd = 0.8)))))
colnames(items) <- paste0("q", 1:8)
write.csv(items, "tests/golden/agreement_items.csv", row.names = FALSE, quote = FALSE)
holes <- items
holes[cbind(rep(seq(1, n, 5), 2), c(rep_len(1:8, n / 5), rep_len(8:1, n / 5)))] <- NA

out <- file("tests/golden/agreement.csv", "w")
writeLines(c(paste0("# ", R.version.string, ", psych ", packageVersion("psych"),
                    "; Rscript tests/golden/agreement.R"),
             "quantity,key,value"), out)
put <- function(quantity, key, value)
  writeLines(sprintf("%s,%s,%.15g", quantity, key, value), out)

a <- psych::alpha(as.data.frame(items), warnings = FALSE)
put("alpha", c("raw", "standardised", "mean_correlation"),
    unlist(a$total[c("raw_alpha", "std.alpha", "average_r")]))
put("alpha_feldt", c("low", "high"), unlist(a$feldt[c("lower.ci", "upper.ci")]))
put("alpha_dropped", 0:7, a$alpha.drop$raw_alpha)
put("item_total", 0:7, a$item.stats$raw.r)
put("item_rest", 0:7, a$item.stats$r.drop)
put("alpha_with_holes", "raw", psych::alpha(as.data.frame(holes), warnings = FALSE)$total$raw_alpha)

tight <- list(opt = list(factr = 1, maxit = 5000))
f <- factanal(items, 1, control = tight)
l <- as.vector(f$loadings) * sign(sum(f$loadings)); u <- as.vector(f$uniquenesses)
s <- apply(items, 2, sd)
put("loading", 0:7, l)
put("uniqueness", 0:7, u)
put("omega", c("raw", "standardised"),
    c(sum(l * s)^2 / (sum(l * s)^2 + sum(u * s^2)), sum(l)^2 / (sum(l)^2 + sum(u))))
put("one_factor_test", c("chi_square", "df", "p"), c(f$STATISTIC, f$dof, f$PVAL))
# a Heywood case: one item would explain more than everything, in a small sample
small <- items[31:50, 5:8]
h <- factanal(small, 1, control = tight)
put("heywood_uniqueness", 0:3, as.vector(h$uniquenesses))
put("congruence", "halves", as.vector(factor.congruence(
  factanal(items[1:125, ], 1, control = tight)$loadings,
  factanal(items[126:250, ], 1, control = tight)$loadings, digits = 12)))

# Shrout & Fleiss (1979), table 2: six targets, four judges
table2 <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7),
                 6, byrow = TRUE)
r <- ICC(table2, lmer = FALSE)$results
kinds <- c("1/1", "2/1", "3/1", "1/k", "2/k", "3/k")
for (column in c("ICC", "F", "df1", "df2", "p", "lower bound", "upper bound"))
  put(paste0("icc_", gsub(" ", "_", column)), kinds, r[[column]])
close(out)
source("tests/golden/session.R")
keep_session("agreement")
